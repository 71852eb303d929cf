import exec from 'k6/execution';
import http from 'k6/http';
import { Counter, Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { steadyRate } from '../../loadtest/load-shapes.ts';
import { listProducts } from '../../loadtest/orders.ts';

const paths = ['list', 'item', 'moved', 'products'] as const;

const ok = new Rate('ok');
const redirects = new Counter('redirects');

export const options: Options = { scenarios: { browse: steadyRate(40) } };

export function setup(): string {
  return listProducts()[0] as string;
}

/** Reads the list and an item by their new paths, an old path, and the service's own path on another host. */
export default function browse(id: string) {
  const path = paths[exec.scenario.iterationInTest % paths.length] as (typeof paths)[number];
  const tags = { path };
  const requestHeaders = path === 'products' ? {} : { host: 'catalogue.example.com' };
  const params = { tags, redirects: 0, headers: requestHeaders };
  const { status, body, headers } = http.get(gatewayUrl + urlOf(path, id), params);
  if (status === 308 && String(headers.Location).endsWith('/catalogue')) redirects.add(1);
  ok.add(status === 200 && String(body).includes('"priceMinor"'), tags);
}

function urlOf(path: (typeof paths)[number], id: string): string {
  return {
    list: '/catalogue?limit=3',
    item: `/catalogue/${id}`,
    moved: '/articles',
    products: '/products?limit=3',
  }[path];
}
