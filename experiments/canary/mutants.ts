import type { ManifestMutant } from '@meshmart/experiment-runner/experiment';

const expectation = 'v2 share of GET /products';

const swappedLabels = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: product }
spec:
  host: product
  subsets:
    - { name: v1, labels: { version: v2 } }
    - { name: v2, labels: { version: v1 } }
`;

export default [
  {
    mutant: 'weights of 70/30',
    change: (yaml) => yaml.replace('weight: 90', 'weight: 70').replace('weight: 10', 'weight: 30'),
    expectation,
    observed: [27, 33],
    inFull: true,
  },
  {
    mutant: 'swapped labels',
    change: (yaml) => `${yaml}---\n${swappedLabels}`,
    expectation,
    observed: [87, 93],
  },
  {
    mutant: 'a wrong host',
    // A VirtualService with hosts is no delegate, so that the standing route finds none.
    change: (yaml) => yaml.replace('spec:', 'spec:\n  hosts: [shop.example.com]\n  gateways: [store]'),
    expectation: 'failed requests',
    observed: [100, 100],
  },
] satisfies ManifestMutant[];
