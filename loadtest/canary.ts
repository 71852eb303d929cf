import http from 'k6/http';
import { Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { fixedSample } from './load-shapes.ts';

const v2Share = new Rate('v2_share');

export const options: Options = { scenarios: { browse: fixedSample(600) }, rps: 600 };

/** Returns a function that reads the catalogue through a gateway and counts which version of product responded. */
export function canaryLoad(url: string): () => void {
  return () => {
    const { headers } = http.get(`${url}/products?limit=3`);
    v2Share.add(headers['X-Served-By'] === 'product/v2');
  };
}
