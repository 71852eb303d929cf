import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Workload } from '@meshmart/local-mesh/workloads';
import { isProxyReady } from './proxies.ts';

/**
 * Like a kubelet's probe, but more frequent for a fast start, and with a longer timeout: on a busy machine a
 * slow response is harmless, and a death is noticed without a probe.
 */
const PROBE = { untilReadyMs: 100, periodMs: 1000, timeoutMs: 5000, failureThreshold: 3 };

/**
 * Probes `/health/ready` of an instance over its own socket, and its sidecar, until `signal` is aborted. A
 * success makes it ready, three failures in a row make it unready.
 *
 * @param onChange called after each change of `workload.ready`
 */
export async function keepProbing(
  workload: Workload,
  onChange: () => void,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    const good = await probeOnce(workload);
    if (signal.aborted) return;
    failures = good ? 0 : failures + 1;
    if (good !== workload.ready && (good || failures >= PROBE.failureThreshold)) {
      workload.ready = good;
      onChange();
    }
    await sleep(workload.ready ? PROBE.periodMs : PROBE.untilReadyMs);
  }
}

async function probeOnce({ appSocket, adminSocket }: Workload): Promise<boolean> {
  const status = await getStatus(appSocket, '/health/ready', PROBE.timeoutMs);
  return status === 200 && (await isProxyReady(adminSocket));
}

/** Returns the status of a GET over a Unix socket, or undefined without a response in time. */
function getStatus(socketPath: string, path: string, timeoutMs: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const call = request({ socketPath, path, agent: false, timeout: timeoutMs }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.once('timeout', () => call.destroy());
    call.once('error', () => resolve(undefined));
    call.once('close', () => resolve(undefined));
    call.end();
  });
}
