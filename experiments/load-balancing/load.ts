import http from 'k6/http';
import { Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { fixedSample } from '../../loadtest/load-shapes.ts';
import { variant } from '../../loadtest/phase.ts';

const repeated = new Rate('repeated');

/** The variants send one request at a time, so that none is in progress when a replica is chosen. */
export const options: Options = variant
  ? { scenarios: { alone: { ...fixedSample(60), vus: 1 } } }
  : { scenarios: { together: fixedSample(120) }, rps: 120 };

let last: string | undefined;

export default function readCatalogue() {
  const replica = http.get(`${gatewayUrl}/products?limit=3`).headers['X-Replica'];
  repeated.add(replica === last);
  last = replica;
}
