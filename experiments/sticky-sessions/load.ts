import exec from 'k6/execution';
import http from 'k6/http';
import { Counter, Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { durationS } from '../../loadtest/phase.ts';

const stayed = new Rate('stayed');
const moved = new Counter('customers_moved');

const customers = 30;

/** Each user of k6 is a customer, who reads the catalogue four times a second. */
export const options: Options = {
  scenarios: { browse: { executor: 'constant-vus', vus: customers, duration: `${durationS}s` } },
  rps: customers * 4,
};

/** Each user of k6 has its own. */
let first: string | undefined;
let hasMoved = false;

export default function readCatalogue() {
  const headers = { 'x-customer': `customer-${exec.vu.idInTest}` };
  const { status, headers: response } = http.get(`${gatewayUrl}/products?limit=3`, { headers });
  if (status !== 200) return;
  const replica = response['X-Replica'];
  first ??= replica;
  stayed.add(replica === first);
  if (replica !== first && !hasMoved) moved.add(1);
  hasMoved ||= replica !== first;
}
