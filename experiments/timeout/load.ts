import http from 'k6/http';
import { Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { steadyRate } from '../../loadtest/load-shapes.ts';

/** So few that the standing limit of ten retries at once never applies. */
const ratePerS = 5;

const timedOut = new Rate('timed_out');
const failedOtherwise = new Rate('failed_otherwise');

/** Every request of the baseline takes 5 s, and a busy machine adds to that. */
const users = ratePerS * 8;

export const options: Options = {
  scenarios: { browse: { ...steadyRate(ratePerS), preAllocatedVUs: users, maxVUs: users } },
};

export default function browse() {
  const { status } = http.get(`${gatewayUrl}/products?limit=3`);
  timedOut.add(status === 504);
  failedOtherwise.add(status !== 200 && status !== 504);
}
