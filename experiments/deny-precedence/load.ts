import http from 'k6/http';
import { Counter, Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { steadyRate } from '../../loadtest/load-shapes.ts';

const allowed = new Rate('allowed');
const denied = new Counter('denied');

export const options: Options = {
  scenarios: {
    list: { ...steadyRate(20), exec: 'list' },
    one: { ...steadyRate(20), exec: 'one' },
    keys: { ...steadyRate(20), exec: 'keys' },
  },
};

export function list() {
  count('list', '/products?limit=3');
}

export function one() {
  count('one', '/products/019bb13b-4068-70fa-b446-17e8f014ac6d');
}

export function keys() {
  count('keys', '/.well-known/jwks.json');
}

function count(route: string, path: string) {
  const { status } = http.get(`${gatewayUrl}${path}`);
  allowed.add(status === 200, { route });
  denied.add(status === 403 ? 1 : 0);
}
