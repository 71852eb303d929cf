import http from 'k6/http';
import { Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { steadyRate } from '../../loadtest/load-shapes.ts';
import { variant } from '../../loadtest/phase.ts';
import { countWrites, setUpWriters, type Writers, writeOptions } from '../../loadtest/repeated-writes.ts';

export { logIn, placeOrder } from '../../loadtest/repeated-writes.ts';

const answeredByV1 = new Rate('answered_by_v1');

export const options: Options =
  variant === 'trap' ? writeOptions(1) : { scenarios: { browse: steadyRate(50) } };

export function setup(): Writers | undefined {
  return variant === 'trap' ? setUpWriters('mirror-trap') : undefined;
}

export function teardown(writers: Writers | undefined): void {
  if (writers) countWrites(writers);
}

export default function browse() {
  const { status, headers } = http.get(`${gatewayUrl}/products?limit=3`);
  answeredByV1.add(status === 200 && headers['X-Served-By'] === 'product/v1');
}
