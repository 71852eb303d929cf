import { setTimeout as sleep } from 'node:timers/promises';
import { appears, never } from '@meshmart/experiment-runner/common-expectations';
import type { Experiment } from '@meshmart/experiment-runner/experiment';
import { throwIfInterrupted } from '@meshmart/terminal/interruption';
import { clearFaults, deployments, makeSlow, restart, waitForRollout } from './restart.ts';

/** Duration of the load in the baseline, and after the last restart. */
const quietMs = 20_000;
/** The least time for one restart, so that fifty restarts meet the same number of requests on a fast machine. */
const leastMs = 25_000;

export default {
  summary: 'restarts every service under load, without retries and without losing a request',
  needs: {
    services: { product: ['v1'], order: ['v1'], storefront: ['v1'], user: ['v1'], payment: ['v1'] },
    targets: ['cluster'],
    stock: 1000,
  },
  // Limits of one round. On a busy machine the load lasts as long as the restarts.
  phases: { baselineS: 60, observeS: 600, restoreS: 5 },
  action: {
    async run({ kube, phase, rounds, signal, log }) {
      await makeSlow(kube);
      const reported = { restarts: 0, podsReplaced: 0 };
      for (let round = 0; phase === 'observe' && round < rounds; round++) {
        for (const deployment of deployments) {
          throwIfInterrupted(signal);
          const startedAt = Date.now();
          reported.podsReplaced += await restart(kube, deployment);
          reported.restarts++;
          const tookMs = Date.now() - startedAt;
          log(`${reported.restarts}: ${deployment} after ${(tookMs / 1000).toFixed(1)} s`);
          await wait(leastMs - tookMs, signal);
        }
      }
      await wait(quietMs, signal);
      return reported;
    },
    async undo({ kube }) {
      for (const deployment of deployments) await waitForRollout(kube, deployment);
      await clearFaults(kube);
    },
  },
  expectations: [
    {
      name: 'rolling restarts',
      expected: `0 → ≥ ${deployments.length}`,
      value: (phase) => phase.reported('restarts'),
      holds: (observed, baseline) => baseline === 0 && observed >= deployments.length,
      reason:
        'a restart counts when its last old pod is gone, because a pod may lose requests to its very end',
    },
    appears('pods replaced', (phase) => phase.reported('podsReplaced'), 'every restart replaced pods'),
    never(
      'failed requests',
      (phase) => phase.k6('http_req_failed', 'passes'),
      'customers request the catalogue, pages, keys and orders, and no proxy retries',
    ),
    {
      name: 'requests',
      metric: 'http_reqs',
      thresholds: { baseline: 'count>=500', observe: 'count>=3000', restore: 'count>=200' },
      reason: 'the load ends with the restarts, and each takes longer than a preStop hook of 5 s',
    },
    {
      name: 'requests of 3 s and longer',
      unit: '%',
      metric: 'slow',
      thresholds: { baseline: 'rate>=0.02', observe: 'rate>=0.05', restore: 'rate==0' },
      reason:
        'a restart cuts off requests in progress, so some must be slow: 7 % of 500 vary by 1 point (one sigma)',
    },
  ],
  guards: [
    {
      metric: 'http_req_failed',
      thresholds: 'rate==0',
      reason: 'no retries hide a lost request, also after the restore',
    },
    {
      metric: 'dropped_iterations',
      thresholds: 'rate<0.8',
      reason:
        'starting pods can delay up to 1 % of the 80 requests a second for so long that they are never sent',
    },
  ],
} satisfies Experiment;

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => throwIfInterrupted(signal));
}
