import http from 'k6/http';
import { Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl, hasInboundUrls, inboundUrl } from '../../loadtest/addresses.ts';
import { steadyRate } from '../../loadtest/load-shapes.ts';

const accepted = new Rate('accepted');

export const options: Options = {
  scenarios: {
    mesh: { ...steadyRate(50), exec: 'throughGateway' },
    // k6 by itself does not know the sidecar's address, and sends the other half only.
    ...(hasInboundUrls && { plain: { ...steadyRate(50), exec: 'inPlaintext' } }),
  },
};

export function throughGateway() {
  const tags = { way: 'gateway' };
  const response = http.get(`${gatewayUrl}/products?limit=3`, { tags });
  accepted.add(response.status === 200, tags);
}

/** Calls the port of product's sidecar from outside the mesh: without a sidecar, and without a certificate. */
export function inPlaintext() {
  const tags = { way: 'plain' };
  const response = http.get(`${inboundUrl('product-v1-1')}/products?limit=3`, {
    tags,
    headers: { host: 'product' },
  });
  accepted.add(response.status === 200, tags);
}
