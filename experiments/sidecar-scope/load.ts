import http from 'k6/http';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { fixedSample } from '../../loadtest/load-shapes.ts';

export const options: Options = { scenarios: { browse: fixedSample(20) }, rps: 20 };

/** Opens the catalogue in the shop, for which the storefront calls product. */
export default function browse() {
  http.get(`${gatewayUrl}/shop`);
}
