import http from 'k6/http';
import { Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
// k6 resolves no package names, only paths.
import { fixedSample } from '../../loadtest/load-shapes.ts';
import { inPhase } from '../../loadtest/phase.ts';
import { gatewayUrl } from '../../loadtest/targets.ts';

export { handleSummary } from '../../loadtest/summary.ts';

// The Service that istiod makes of the Gateway `edge`. After the restore there is none: the store's own gateway has to do.
const edgeUrl = 'http://edge-istio.meshmart.svc.cluster.local';
const url = inPhase({ baseline: edgeUrl, observe: edgeUrl, restore: gatewayUrl });

const v2Share = new Rate('v2_share');

export const options: Options = {
  scenarios: { browse: fixedSample(600) },
  rps: 600,
  thresholds: {
    // 10 % of 4,000 requests strays by 0.47 points (one sigma): 2 points are 4.2 sigma. At 2,000 one run in 300 lies.
    // After the run only "none at all" is asked: at 10 %, 200 requests without one v2 happen once in a billion runs.
    http_reqs: inPhase({ baseline: ['count>=4000'], observe: ['count>=4000'], restore: ['count>=200'] }),
    // A dropped iteration is a request that there was no time for.
    dropped_iterations: ['count==0'],
    // A canary that loses requests is no canary; shifting weight is free of charge, whatever API asks for it.
    http_req_failed: ['rate==0'],
    // In the baseline the new gateway sends all to v1, and so does the store's own one in the end.
    v2_share: inPhase({ baseline: ['rate==0'], observe: ['rate>=0.08', 'rate<=0.12'], restore: ['rate==0'] }),
  },
};

export default function browse() {
  const response = http.get(`${url}/products?limit=3`);
  v2Share.add(response.headers['X-Served-By'] === 'product/v2');
}
