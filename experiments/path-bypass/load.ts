import exec from 'k6/execution';
import http from 'k6/http';
import { Counter, Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { fixedSample } from '../../loadtest/load-shapes.ts';
import { variant } from '../../loadtest/phase.ts';

const letIn = new Rate('let_in');
const denied = new Counter('denied');

const id = '019bb13b-4068-70fa-b446-17e8f014ac6d';

/** The same product for a proxy or service that normalises paths. A redirect is followed. */
const spellings = {
  plain: `/products/${id}`,
  double_slash: `//products//${id}`,
  dot_segment: `/products/./${id}`,
  dot_dot: `/users/../products/${id}`,
  encoded_dot_dot: `/users/%2e%2e/products/${id}`,
  backslash: `/products\\${id}`,
  encoded_slash: `/products%2f${id}`,
  encoded_digit: `/products/%30${id.slice(1)}`,
  query: `/products/${id}?page=1`,
};

/** The same product without its path. */
const otherWays = {
  head: `/products/${id}`,
  list: '/products?limit=100',
  shop: `/shop/products/${id}`,
};

const ways = Object.entries({ ...spellings, ...(variant === 'trap' && otherWays) });

export const options: Options = { scenarios: { read: fixedSample(100) }, rps: 200 };

export default function readRecalledProduct() {
  const [spelling, path] = ways[exec.scenario.iterationInTest % ways.length] as [string, string];
  const url = `${gatewayUrl}${path}`;
  const { status, body } = spelling === 'head' ? http.head(url) : http.get(url);
  const shows = spelling !== 'list' || String(body).includes(id);
  letIn.add(status === 200 && shows, { spelling });
  denied.add(status === 403 ? 1 : 0);
}
