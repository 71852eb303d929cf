import http from 'k6/http';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { steadyRate } from '../../loadtest/load-shapes.ts';

// Each route has its own users, so that the delay of one cannot throttle the other.
export const options: Options = {
  scenarios: {
    products: { ...steadyRate(50), exec: 'products' },
    keys: { ...steadyRate(50), exec: 'keys' },
  },
};

export function products() {
  http.get(`${gatewayUrl}/products?limit=3`, { tags: { route: '/products' } });
}

export function keys() {
  http.get(`${gatewayUrl}/.well-known/jwks.json`, { tags: { route: '/.well-known/jwks.json' } });
}
