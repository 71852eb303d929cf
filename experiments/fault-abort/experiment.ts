import type { Experiment } from '@meshmart/experiment-runner/experiment';

export default {
  summary: 'answers 10 % of /products with 503 before they reach the service',
  needs: { services: { product: ['v1'], user: ['v1'] }, targets: ['local', 'cluster'], meshes: ['istio'] },
  phases: { baselineS: 7, observeS: 7, restoreS: 1 },
  expectations: [
    { name: 'failed GET /products', unit: '%', threshold: 'http_req_failed{route:/products}' },
    {
      name: 'failed GET /.well-known/jwks.json',
      unit: '%',
      threshold: 'http_req_failed{route:/.well-known/jwks.json}',
    },
    { name: 'GET /products sent', threshold: 'http_reqs{route:/products}' },
    {
      name: "aborts injected, by the gateway's proxy",
      value: (phase) => phase.proxy('gateway', /\.fault\.aborts_injected$/),
      agreesWith: (phase) => phase.k6('answered_503', 'count'),
    },
  ],
} satisfies Experiment;
