import http from 'k6/http';
import type { Options } from 'k6/options';
// k6 resolves no package names, only paths.
import { steadyRate } from '../../loadtest/load-shapes.ts';
import { inPhase } from '../../loadtest/phase.ts';
import { gatewayUrl } from '../../loadtest/targets.ts';

export { handleSummary } from '../../loadtest/summary.ts';

// Both routes run all the time and apart, so that one's delay cannot throttle the other.
export const options: Options = {
  scenarios: {
    products: { ...steadyRate(50), exec: 'products' },
    keys: { ...steadyRate(50), exec: 'keys' },
  },
  thresholds: {
    // Fewer samples would leave the median to a single slow moment of the machine.
    http_reqs: inPhase({ baseline: ['count>=500'], observe: ['count>=500'], restore: ['count>=200'] }),
    // Each of them is held back once, as the proxy counts.
    'http_reqs{route:/products}': inPhase({
      baseline: ['count>=250'],
      observe: ['count>=250'],
      restore: ['count>=100'],
    }),
    // A dropped iteration is a request that was never sent, and the slow ones are dropped first.
    dropped_iterations: ['count==0'],
    // A delay is late, not wrong: every request is answered.
    http_req_failed: ['rate==0'],
    // 400 ms by the manifest; Envoy's timers count from the start of an event loop turn and may fire a little early.
    'http_req_duration{route:/products}': inPhase({
      baseline: ['med<200'],
      observe: ['med>=390', 'med<600'],
      restore: ['med<200'],
    }),
    // The rule names one prefix; the other routes of the same gateway never see it.
    'http_req_duration{route:/.well-known/jwks.json}': ['med<200'],
  },
};

export function products() {
  http.get(`${gatewayUrl}/products?limit=3`, { tags: { route: '/products' } });
}

export function keys() {
  http.get(`${gatewayUrl}/.well-known/jwks.json`, { tags: { route: '/.well-known/jwks.json' } });
}
