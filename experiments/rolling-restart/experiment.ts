import { setTimeout as sleep } from 'node:timers/promises';
import type { Experiment } from '@meshmart/experiment-runner/experiment';
import { throwIfInterrupted } from '@meshmart/terminal/interruption';
import { clearFaults, deployments, makeSlow, restart, waitForRollout } from './restart.ts';

/** How long the load runs in the baseline, and how long after the last restart. */
const quietMs = 20_000;
/** A restart that is done sooner is waited for: so fifty of them meet as many requests as they should on any machine. */
const leastMs = 25_000;

export default {
  summary:
    'restarts every service while customers are there, without retries, and loses none of their requests',
  needs: {
    services: { product: ['v1'], order: ['v1'], storefront: ['v1'], user: ['v1'], payment: ['v1'] },
    targets: ['cluster'],
    meshes: ['istio'],
    stock: 1000,
  },
  // Of one round; on a machine that is busy with starting pods the load is there for as long as it takes.
  phases: { baselineS: 60, observeS: 600, restoreS: 5 },
  action: {
    async run({ kube, phase, rounds, signal, tell }) {
      await makeSlow(kube);
      const reported = { restarts: 0, podsReplaced: 0 };
      for (let round = 0; phase === 'observe' && round < rounds; round++) {
        for (const deployment of deployments) {
          throwIfInterrupted(signal);
          const startedAt = Date.now();
          reported.podsReplaced += await restart(kube, deployment);
          reported.restarts++;
          const tookMs = Date.now() - startedAt;
          tell(`${reported.restarts}: ${deployment} after ${(tookMs / 1000).toFixed(1)} s`);
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
    },
    {
      name: 'pods for which another one came',
      expected: `0 → ≥ ${deployments.length}`,
      value: (phase) => phase.reported('podsReplaced'),
      holds: (observed, baseline) => baseline === 0 && observed >= deployments.length,
    },
    {
      name: 'failed requests',
      expected: '0',
      value: (phase) => phase.k6('http_req_failed', 'passes'),
      holds: (observed, baseline) => observed === 0 && baseline === 0,
    },
    { name: 'requests', threshold: 'http_reqs' },
    { name: 'requests of 3 s and longer', unit: '%', threshold: 'slow' },
  ],
} satisfies Experiment;

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => throwIfInterrupted(signal));
}
