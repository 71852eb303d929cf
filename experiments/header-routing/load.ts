import exec from 'k6/execution';
import http from 'k6/http';
import { Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { steadyRate } from '../../loadtest/load-shapes.ts';

const v2Share = new Rate('v2_share');

export const options: Options = { scenarios: { browse: steadyRate(20) } };

/** Jason and others take turns, and so do the catalogue's API and the storefront's page of it. */
export default function browse() {
  const number = exec.scenario.iterationInTest;
  const isJason = number % 2 === 0;
  const isPage = number % 4 >= 2;
  const path = isPage ? '/shop' : '/products?limit=3';
  const from = `${isJason ? 'jason' : 'others'}${isPage ? '-page' : ''}`;
  const { body, headers } = http.get(gatewayUrl + path, {
    headers: { 'end-user': isJason ? 'jason' : 'joe' },
    tags: { from },
  });
  const isV2 = isPage ? String(body).includes('product/v2') : headers['X-Served-By'] === 'product/v2';
  v2Share.add(isV2, { from });
}
