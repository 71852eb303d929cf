import { sleep } from 'k6';
import http from 'k6/http';
import { Rate } from 'k6/metrics';
import type { ConstantVUsScenario, Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { durationS, variant } from '../../loadtest/phase.ts';

/** Time between the two halves, in which requests in progress end. */
const pauseS = 0.5;

const refused = new Rate('refused');
const failed = new Rate('failed');

/** A closed load for one half of the phase, because the number of concurrent requests is what the experiment varies. */
function atOnce(users: number, half: 0 | 1): ConstantVUsScenario {
  return {
    executor: 'constant-vus',
    vus: users,
    startTime: `${(half * durationS) / 2}s`,
    duration: `${durationS / 2 - pauseS}s`,
    tags: { at_once: String(users) },
  };
}

// `rps` limits the many clients after the restore, when responses are fast.
export const options: Options = variant
  ? { scenarios: { few: atOnce(3, 0), many: atOnce(150, 1) }, rps: 100 }
  : { scenarios: { alone: atOnce(1, 0), together: atOnce(3, 1) } };

export default function openLogin() {
  // The login page needs no other service, so only one circuit breaker is involved.
  const { status, headers } = http.get(`${gatewayUrl}/shop/login`);
  const isRefused = status === 503 && headers['X-Envoy-Overloaded'] === 'true';
  refused.add(isRefused);
  failed.add(status !== 200 && !isRefused);
  sleep(0.05); // a refusal comes at once, and would be followed by thousands of requests
}
