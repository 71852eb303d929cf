import http from 'k6/http';
import { Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
// k6 resolves no package names, only paths.
import { steadyRate } from '../../loadtest/load-shapes.ts';
import { inPhase } from '../../loadtest/phase.ts';
import { gatewayUrl, inboundUrl } from '../../loadtest/targets.ts';

export { handleSummary } from '../../loadtest/summary.ts';

const accepted = new Rate('accepted');

export const options: Options = {
  scenarios: {
    mesh: { ...steadyRate(50), exec: 'throughGateway' },
    plain: { ...steadyRate(50), exec: 'inPlaintext' },
  },
  thresholds: {
    // Both ways are all or nothing: one exception is a leak, and a few hundred requests would show it.
    'http_reqs{way:gateway}': inPhase({
      baseline: ['count>=250'],
      observe: ['count>=250'],
      restore: ['count>=90'],
    }),
    'http_reqs{way:plain}': inPhase({
      baseline: ['count>=250'],
      observe: ['count>=250'],
      restore: ['count>=90'],
    }),
    // A dropped iteration is a request that was never sent, and nobody knows how it would have ended.
    dropped_iterations: ['count==0'],
    // The gateway has a certificate: closing the door to plaintext costs the mesh's own traffic nothing.
    'accepted{way:gateway}': ['rate==1'],
    // PERMISSIVE lets plaintext in, STRICT cuts it; and the standing mesh is STRICT.
    'accepted{way:plain}': inPhase({ baseline: ['rate==1'], observe: ['rate==0'], restore: ['rate==0'] }),
  },
};

export function throughGateway() {
  const tags = { way: 'gateway' };
  const response = http.get(`${gatewayUrl}/products?limit=3`, { tags });
  accepted.add(response.status === 200, tags);
}

/** A caller outside the mesh: no sidecar, no certificate, straight to the port of the callee's sidecar. */
export function inPlaintext() {
  const tags = { way: 'plain' };
  const response = http.get(`${inboundUrl('product-v1-1')}/products?limit=3`, {
    tags,
    headers: { host: 'product' },
  });
  accepted.add(response.status === 200, tags);
}
