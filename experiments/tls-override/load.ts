import http from 'k6/http';
import { Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { steadyRate } from '../../loadtest/load-shapes.ts';

const answered = new Rate('answered');
const refused = new Rate('refused');

export const options: Options = {
  scenarios: {
    product: { ...steadyRate(40), exec: 'product' },
    user: { ...steadyRate(40), exec: 'user' },
  },
};

export function product() {
  count('product', '/products?limit=3');
}

export function user() {
  count('user', '/.well-known/jwks.json');
}

function count(service: string, path: string) {
  const { status } = http.get(`${gatewayUrl}${path}`);
  answered.add(status === 200, { service });
  refused.add(status === 403, { service });
}
