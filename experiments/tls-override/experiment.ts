import { everyRequestSent } from '@meshmart/experiment-runner/common-expectations';
import type { Expectation, Experiment } from '@meshmart/experiment-runner/experiment';
import { connectionsRefused, requestsDenied } from '@meshmart/experiment-runner/proxy-counters';

const replicas = ['product-v1-1', 'product-v1-2'];

const answered: Expectation[] = [
  {
    name: 'GET /products, answered',
    unit: '%',
    metric: 'answered{service:product}',
    thresholds: { baseline: 'rate==1', observe: 'rate==0', restore: 'rate==1' },
    reason: 'a DestinationRule overrides automatic mutual TLS for all callers, and product cuts plaintext',
  },
  {
    name: 'GET /.well-known/jwks.json, answered',
    unit: '%',
    metric: 'answered{service:user}',
    thresholds: 'rate==1',
    reason: 'the rule is for product, and the gateway goes on using mutual TLS with every other service',
  },
];

export default {
  summary: 'breaks a service by a rule for its callers that switches mutual TLS off',
  needs: { services: { product: ['v1'], user: ['v1'] }, targets: ['local', 'cluster'] },
  phases: { baselineS: 5, observeS: 5, restoreS: 2 },
  expectations: [
    ...answered,
    {
      name: "plaintext connections cut by product's sidecars",
      expected: '0 → ≥ 1 for each request',
      value: (phase) =>
        replicas.reduce((sum, name) => sum + phase.proxy(name, connectionsRefused), 0) /
          phase.k6('answered{service:product}', 'fails') || 0,
      holds: (observed, baseline) => baseline === 0 && observed >= 1,
      reason: 'the gateway tries each request twice, and may connect once more in advance',
    },
  ],
  guards: [everyRequestSent],
  variants: {
    trap: {
      summary: 'loses every identity without a failed connection, once plaintext is accepted',
      expectations: [
        ...answered,
        {
          name: 'GET /products, answered 403',
          unit: '%',
          metric: 'refused{service:product}',
          thresholds: { baseline: 'rate==0', observe: 'rate==1', restore: 'rate==0' },
          reason: 'without a certificate the gateway has no principal, and the standing policy asks for one',
        },
        {
          name: "requests denied by product's sidecars",
          value: (phase) => replicas.reduce((sum, name) => sum + phase.proxy(name, requestsDenied), 0),
          agreesWith: (phase) => phase.k6('refused{service:product}', 'passes'),
          reason: 'the connections are accepted, so the sidecars themselves answer',
        },
      ],
    },
  },
} satisfies Experiment;
