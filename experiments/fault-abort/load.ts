import http from 'k6/http';
import { Counter } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { fixedSample, steadyRate } from '../../loadtest/load-shapes.ts';

const answered503 = new Counter('answered_503');

export const options: Options = {
  scenarios: {
    products: { ...fixedSample(600), exec: 'products' },
    keys: { ...steadyRate(50), exec: 'keys' },
  },
  rps: 650,
};

export function products() {
  const response = http.get(`${gatewayUrl}/products?limit=3`, { tags: { route: '/products' } });
  answered503.add(response.status === 503 ? 1 : 0);
}

export function keys() {
  http.get(`${gatewayUrl}/.well-known/jwks.json`, { tags: { route: '/.well-known/jwks.json' } });
}
