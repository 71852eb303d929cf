import exec from 'k6/execution';
import http from 'k6/http';
import type { Options } from 'k6/options';
// k6 resolves no package names, only paths.
import { steadyRate } from '../../loadtest/load-shapes.ts';
import { gatewayUrl } from '../../loadtest/targets.ts';

export { handleSummary } from '../../loadtest/summary.ts';

export const options: Options = {
  scenarios: { browse: steadyRate(40) },
  thresholds: {
    // The load ends with the changes; some customers have to be there before, during and after them.
    http_reqs: ['count>=100'],
    // A replica more and one less, a rule that is replaced and replaced again: customers have nothing to do with it.
    http_req_failed: ['rate==0'],
  },
};

/** The catalogue, and the keys of the user service, which is what is changed. */
export default function browse() {
  const isForUser = exec.scenario.iterationInTest % 2 === 0;
  http.get(isForUser ? `${gatewayUrl}/.well-known/jwks.json` : `${gatewayUrl}/products?limit=3`);
}
