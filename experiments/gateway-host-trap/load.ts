import exec from 'k6/execution';
import http from 'k6/http';
import { Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { fixedSample } from '../../loadtest/load-shapes.ts';

const v2Share = new Rate('v2_share');

export const options: Options = { scenarios: { browse: fixedSample(60) }, rps: 60 };

/** Customers use one host, then another, and then a page for which the storefront calls product inside the mesh. */
export default function browse() {
  const number = exec.scenario.iterationInTest % 3;
  if (number === 2) return openShop();
  const by = number === 0 ? 'shop' : 'others';
  const headers = number === 0 ? { host: 'shop.example.com' } : {};
  const response = http.get(`${gatewayUrl}/products?limit=3`, { headers, tags: { by } });
  v2Share.add(response.headers['X-Served-By'] === 'product/v2', { by });
}

function openShop(): void {
  const { body } = http.get(`${gatewayUrl}/shop`, { tags: { by: 'page' } });
  v2Share.add(String(body).includes('product/v2'), { by: 'page' });
}
