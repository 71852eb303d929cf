import type { Experiment } from '@meshmart/experiment-runner/experiment';

const gatewayId = 'spiffe://cluster.local/ns/meshmart/sa/gateway';

export default {
  summary: 'cuts plaintext to product, whose callers then all have an identity',
  needs: { services: { product: ['v1'] }, targets: ['local', 'cluster'], meshes: ['istio'] },
  phases: { baselineS: 6, observeS: 6, restoreS: 2 },
  loadFrom: 'pod',
  expectations: [
    { name: "plain HTTP to product's sidecar, accepted", unit: '%', threshold: 'accepted{way:plain}' },
    { name: 'through the gateway, accepted', unit: '%', threshold: 'accepted{way:gateway}' },
    {
      name: "requests in which product saw the gateway's SPIFFE id",
      value: (phase) => phase.service('product', 'meshmart_requests_by_peer_total', { peer: gatewayId }),
      agreesWith: (phase) => phase.k6('http_reqs{way:gateway}', 'count'),
    },
    {
      name: 'requests in which product saw no identity',
      value: (phase) => phase.service('product', 'meshmart_requests_by_peer_total', { peer: 'none' }),
      agreesWith: (phase) => phase.k6('accepted{way:plain}', 'passes'),
    },
    {
      name: "connections cut by product's sidecar",
      value: (phase) => phase.proxy('product-v1-1', /^listener\..*\.no_filter_chain_match$/),
      agreesWith: (phase) => phase.k6('accepted{way:plain}', 'fails'),
    },
  ],
} satisfies Experiment;
