import exec from 'k6/execution';
import http from 'k6/http';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { steadyRate } from '../../loadtest/load-shapes.ts';

export const options: Options = { scenarios: { browse: steadyRate(40) } };

/** Alternates between the catalogue and the keys of the user service, which is the service that drifts. */
export default function browse() {
  const isForUser = exec.scenario.iterationInTest % 2 === 0;
  http.get(isForUser ? `${gatewayUrl}/.well-known/jwks.json` : `${gatewayUrl}/products?limit=3`);
}
