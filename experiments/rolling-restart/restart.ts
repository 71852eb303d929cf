import { setTimeout as sleep } from 'node:timers/promises';
import { tellPod } from '@meshmart/experiment-runner/on-cluster/faults';
import { type InstancePod, listInstances } from '@meshmart/experiment-runner/on-cluster/instances';
import type { Kube } from '@meshmart/experiment-runner/on-cluster/kube';

/** In turn: all services that there are. */
export const deployments = ['product-v1', 'order-v1', 'storefront-v1', 'user-v1', 'payment-v1'];

/**
 * Whom customers ask directly is slow for a share of them: a request that takes 3 s outlasts what a pod is left without preStop and drain.
 * Not user and payment: their callers are services, which give a peer up after 3 s, whoever restarts.
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
  await Promise.all(chosen.map(({ pod }) => tellPod(kube, pod, slow.faults)));
}

export async function clearFaults(kube: Kube): Promise<void> {
  await Promise.all((await listInstances(kube)).map(({ pod }) => tellPod(kube, pod, {})));
}

/**
 * Resolves when all pods of a Deployment are others, ready and slow as those before, and the last of those is gone: it may lose
 * requests to its very end.
 *
 * @returns for how many pods another one came
 */
export async function restart(kube: Kube, deployment: string): Promise<number> {
  const before = await listPods(kube, deployment);
  await kube.run('rollout', 'restart', `deployment/${deployment}`);
  await waitForRollout(kube, deployment);
  await makeSlow(kube);
  const deadline = Date.now() + endTimeoutMs;
  while (await isAnyLeft(kube, before)) {
    if (Date.now() > deadline)
      throw new Error(`of ${deployment} an old pod does not end: ${before.join(', ')}`);
    await sleep(pauseMs);
  }
  return before.length;
}

/** Nothing happens to one that is not being rolled out. */
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
