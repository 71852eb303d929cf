import type { Experiment } from '@meshmart/experiment-runner/experiment';

const delayMs = 400;
// Both medians move by some milliseconds on a busy machine, in either direction.
const toleranceMs = 50;

export default {
  summary: 'holds every answer of /products back by 400 ms',
  needs: { services: { product: ['v1'], user: ['v1'] }, targets: ['local', 'cluster'], meshes: ['istio'] },
  phases: { baselineS: 6, observeS: 6, restoreS: 3 },
  expectations: [
    {
      name: 'median of GET /products',
      unit: 'ms',
      expected: `+ ${delayMs} ± ${toleranceMs} ms`,
      value: (phase) => phase.k6('http_req_duration{route:/products}', 'med'),
      holds: (observed, baseline) => Math.abs(observed - baseline - delayMs) <= toleranceMs,
    },
    {
      name: 'median of GET /.well-known/jwks.json',
      unit: 'ms',
      expected: `± ${toleranceMs} ms`,
      value: (phase) => phase.k6('http_req_duration{route:/.well-known/jwks.json}', 'med'),
      holds: (observed, baseline) => Math.abs(observed - baseline) <= toleranceMs,
    },
    { name: 'GET /products by itself', unit: 'ms', threshold: 'http_req_duration{route:/products}' },
    { name: 'failed requests', unit: '%', threshold: 'http_req_failed' },
    {
      name: "GET /products held back, by the gateway's proxy",
      unit: '%',
      expected: '0 → 100 ± 1 %',
      value: (phase) =>
        phase.proxy('gateway', /\.fault\.delays_injected$/) / phase.k6('http_reqs{route:/products}', 'count'),
      holds: (observed, baseline) => baseline === 0 && Math.abs(observed - 1) <= 0.01,
    },
  ],
} satisfies Experiment;
