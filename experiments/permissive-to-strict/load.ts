import exec from 'k6/execution';
import http from 'k6/http';
import { Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl, hasInboundUrls, inboundUrl } from '../../loadtest/addresses.ts';
import { steadyRate } from '../../loadtest/load-shapes.ts';
import { phase } from '../../loadtest/phase.ts';

const accepted = new Rate('accepted');

export const options: Options = {
  scenarios: {
    mesh: { ...steadyRate(25), exec: 'throughGateway' },
    // k6 by itself does not know the sidecar's address, and sends the other half only.
    ...(hasInboundUrls && { plain: { ...steadyRate(25), exec: 'inPlaintext' } }),
  },
};

export function throughGateway() {
  const { status } = http.get(`${gatewayUrl}/products?limit=3`);
  accepted.add(status === 200, { way: 'gateway', when: now() });
}

/** Calls the port of product's sidecar from outside the mesh: without a sidecar, and without a certificate. */
export function inPlaintext() {
  const headers = { host: 'product' };
  const { status } = http.get(`${inboundUrl('product-v1-1')}/products?limit=3`, { headers });
  accepted.add(status === 200, { way: 'plain', when: now() });
}

/** The change comes 7 s after the start of this load, which takes a pod some seconds. Other phases have no change. */
const lastS = phase === 'observe' ? 12 : 2;

function now(): string {
  const s = exec.instance.currentTestRunDuration / 1000;
  if (s < 1) return 'before';
  return s < lastS ? 'meanwhile' : 'after';
}
