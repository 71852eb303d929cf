import { sleep } from 'k6';
import http from 'k6/http';
import { Rate } from 'k6/metrics';
import type { ConstantVUsScenario, Options } from 'k6/options';
// k6 resolves no package names, only paths.
import { durationS, inPhase } from '../../loadtest/phase.ts';
import { gatewayUrl } from '../../loadtest/targets.ts';

export { handleSummary } from '../../loadtest/summary.ts';

/** Between the halves, in which what is on its way comes to its end. */
const pauseS = 0.5;

const refused = new Rate('refused');
const failed = new Rate('failed');

/** A closed load on purpose, since what is tried is how many are on their way at once; `half` of the phase is theirs. */
function atOnce(users: number, half: 0 | 1): ConstantVUsScenario {
  return {
    executor: 'constant-vus',
    vus: users,
    startTime: `${(half * durationS) / 2}s`,
    duration: `${durationS / 2 - pauseS}s`,
    tags: { at_once: String(users) },
  };
}

const none = ['rate==0'];

export const options: Options = {
  scenarios: { alone: atOnce(1, 0), together: atOnce(3, 1) },
  thresholds: {
    // All or nothing for one; of three, each is seen five times.
    'http_reqs{at_once:1}': inPhase({
      baseline: ['count>=5'],
      observe: ['count>=5'],
      restore: ['count>=1'],
    }),
    'http_reqs{at_once:3}': inPhase({
      baseline: ['count>=15'],
      observe: ['count>=15'],
      restore: ['count>=3'],
    }),
    // Who is alone never meets a breaker.
    'refused{at_once:1}': none,
    // Of three, one is on its way and one waits: the third is refused, and asks again sooner than they do. Not all are refused.
    'refused{at_once:3}': inPhase({ baseline: none, observe: ['rate>=0.2', 'rate<=0.95'], restore: none }),
    // Slow is not wrong: there is nothing but 200 and what the breaker refuses.
    failed: none,
  },
};

export default function lookIn() {
  // It needs no peer, so that there is one breaker on the way.
  const { status, headers } = http.get(`${gatewayUrl}/shop/login`);
  const isRefused = status === 503 && headers['X-Envoy-Overloaded'] === 'true';
  refused.add(isRefused);
  failed.add(status !== 200 && !isRefused);
  sleep(0.05); // whoever is refused at once would ask thousands of times
}
