import type { Experiment } from '@meshmart/experiment-runner/experiment';

const requestsToV2 =
  /^cluster\.outbound\|80\|\|product-v2\.meshmart\.svc\.cluster\.local;?\.upstream_rq_total$/;

export default {
  summary: 'sends 10 % of the product traffic to v2, by the Gateway API',
  needs: { services: { product: ['v1', 'v2'] }, targets: ['cluster'], meshes: ['istio'] },
  phases: { baselineS: 7, observeS: 7, restoreS: 1 },
  loadFrom: 'pod',
  expectations: [
    { name: 'v2 share of GET /products', unit: '%', threshold: 'v2_share' },
    { name: 'failed requests', unit: '%', threshold: 'http_req_failed' },
    { name: 'requests', threshold: 'http_reqs' },
    {
      name: "requests to v2, by the new gateway's proxy",
      value: (phase) => phase.proxy('edge', requestsToV2),
      agreesWith: (phase) => phase.k6('v2_share', 'passes'),
    },
  ],
} satisfies Experiment;
