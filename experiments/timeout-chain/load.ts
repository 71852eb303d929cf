import http from 'k6/http';
import { Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { steadyRate } from '../../loadtest/load-shapes.ts';

const ratePerS = 5;

/** Pages that report an outage: 503 is the storefront's own response. */
const unavailable = new Rate('unavailable');
const failedOtherwise = new Rate('failed_otherwise');

/** A page may take 4 s, and a busy machine adds to that. */
const users = ratePerS * 8;

export const options: Options = {
  scenarios: { browse: { ...steadyRate(ratePerS), preAllocatedVUs: users, maxVUs: users } },
};

export default function openShop() {
  const { status } = http.get(`${gatewayUrl}/shop`);
  unavailable.add(status === 503);
  failedOtherwise.add(status !== 200 && status !== 503);
}
