import type { Experiment } from '@meshmart/experiment-runner/experiment';

const product = String.raw`^cluster\.outbound\|80\|\|product\.meshmart\.svc\.cluster\.local;?\.outlier_detection`;

export default {
  summary: 'sends nothing more to an instance that fails',
  needs: { services: { product: ['v1', 'v2'] }, targets: ['local', 'cluster'], meshes: ['istio'] },
  phases: { baselineS: 8, observeS: 8, restoreS: 1 },
  disturbance: { faults: { 'product-v1-1': { errorRate: 1 } }, inBaseline: true },
  expectations: [
    { name: 'successful requests', unit: '%', threshold: 'successful' },
    { name: 'requests', threshold: 'http_reqs' },
    {
      name: "instances ejected, by the gateway's proxy",
      expected: '0 → ≥ 1',
      value: (phase) => phase.proxy('gateway', new RegExp(`${product}\\.ejections_enforced_total$`)),
      holds: (observed, baseline) => baseline === 0 && observed >= 1,
    },
    {
      name: 'ejections that the percentage forbade',
      expected: '≥ 1 → 0',
      value: (phase) => phase.proxy('gateway', new RegExp(`${product}\\.ejections_overflow$`)),
      holds: (observed, baseline) => baseline >= 1 && observed === 0,
    },
    {
      name: "errors of product-v1-1, by its own sidecar's count",
      value: (phase) => phase.proxy('product-v1-1', /^http\.inbound_.*\.downstream_rq_5xx$/),
      agreesWith: (phase) => phase.k6('successful', 'fails'),
    },
  ],
} satisfies Experiment;
