import { setTimeout as sleep } from 'node:timers/promises';
import { setFaultsOfPod } from '@meshmart/experiment-runner/on-cluster/faults';
import { type InstancePod, listInstances } from '@meshmart/experiment-runner/on-cluster/instances';
import type { Kube } from '@meshmart/experiment-runner/on-cluster/kube';

/** All Deployments of the store, in the order in which they restart. */
export const deployments = ['product-v1', 'order-v1', 'storefront-v1', 'user-v1', 'payment-v1'];

/**
 * The services that customers call directly are slow for a share of the requests: 3 s is longer than a pod lives on
 * without preStop and drain. User and payment are not, because their callers are services, which time out after 3 s in
 * any case.
 */
const slow = { services: ['product', 'order', 'storefront'], faults: { delayMs: 3000, delayRate: 0.08 } };

const startTimeout = '--timeout=180s';
/** Longer than `terminationGracePeriodSeconds`. */
const endTimeoutMs = 120_000;
const pauseMs = 500;

const deploymentOf = ({ service, version }: InstancePod) => `${service}-${version}`;

export async function makeSlow(kube: Kube): Promise<void> {
  const pods = await listInstances(kube);
  const chosen = pods.filter(({ service, state }) => slow.services.includes(service) && state === 'ready');
  await Promise.all(chosen.map(({ pod }) => setFaultsOfPod(kube, pod, slow.faults)));
}

export async function clearFaults(kube: Kube): Promise<void> {
  await Promise.all((await listInstances(kube)).map(({ pod }) => setFaultsOfPod(kube, pod, {})));
}

/**
 * Restarts a Deployment, and makes its new pods slow. Resolves when they are ready and the last old pod is gone: an old
 * pod may lose requests until its very end.
 *
 * @returns the number of pods replaced
 * @throws when an old pod is still there after two minutes
 */
export async function restart(kube: Kube, deployment: string): Promise<number> {
  const before = await listPods(kube, deployment);
  await kube.run('rollout', 'restart', `deployment/${deployment}`);
  await waitForRollout(kube, deployment);
  await makeSlow(kube);
  const deadline = Date.now() + endTimeoutMs;
  while (await isAnyLeft(kube, before)) {
    if (Date.now() > deadline)
      throw new Error(`an old pod of ${deployment} does not end: ${before.join(', ')}`);
    await sleep(pauseMs);
  }
  return before.length;
}

/** Waits until a Deployment is rolled out; returns at once when it is. */
export async function waitForRollout(kube: Kube, deployment: string): Promise<void> {
  await kube.run('rollout', 'status', `deployment/${deployment}`, startTimeout);
}

async function listPods(kube: Kube, deployment: string): Promise<string[]> {
  const pods = await listInstances(kube);
  return pods.filter((one) => deploymentOf(one) === deployment).map(({ pod }) => pod);
}

async function isAnyLeft(kube: Kube, pods: string[]): Promise<boolean> {
  return (await kube.run('get', 'pods', ...pods, '--ignore-not-found', '--output', 'name')) !== '';
}
