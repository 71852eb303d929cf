import exec from 'k6/execution';
import http from 'k6/http';
import { Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { fixedSample } from '../../loadtest/load-shapes.ts';

const cohorts = ['internal', 'beta', 'none'];
const requestsPerVisit = 10;

const v2Share = new Rate('v2_share');
/** Share of the visits in which both versions responded. */
const mixedVisits = new Rate('mixed_visits');

export const options: Options = { scenarios: { visit: fixedSample(30) }, rps: 300 };

/** Reads the catalogue ten times, as a single customer. */
export default function visit() {
  const cohort = cohorts[exec.scenario.iterationInTest % cohorts.length] as string;
  const headers = cohort === 'none' ? {} : { 'x-meshmart-cohort': cohort };
  let v2Responses = 0;
  for (let request = 0; request < requestsPerVisit; request++) {
    const response = http.get(`${gatewayUrl}/products?limit=3`, { headers, tags: { cohort } });
    const isV2 = response.headers['X-Served-By'] === 'product/v2';
    v2Share.add(isV2, { cohort });
    if (isV2) v2Responses += 1;
  }
  mixedVisits.add(v2Responses > 0 && v2Responses < requestsPerVisit, { cohort });
}
