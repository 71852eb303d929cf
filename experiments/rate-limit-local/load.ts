import http from 'k6/http';
import { Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { steadyRate } from '../../loadtest/load-shapes.ts';

const limited = new Rate('limited');
const failed = new Rate('failed');

export const options: Options = { scenarios: { browse: steadyRate(40) } };

export default function readCatalogue() {
  const { status } = http.get(`${gatewayUrl}/products?limit=3`);
  limited.add(status === 429);
  failed.add(status !== 200 && status !== 429);
}
