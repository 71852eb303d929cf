import { setTimeout as sleep } from 'node:timers/promises';
import type { Kube } from '@meshmart/experiment-runner/on-cluster/kube';
import { pauseSelfHeal, resumeSelfHeal } from '@meshmart/experiment-runner/on-cluster/self-heal';
import { isSeen, patchRollout, readState, rolloutName } from './rollout.ts';

const application = 'product';
const note = 'meshmart.example/revision';
/** https://www.rfc-editor.org/rfc/rfc6901 */
const paths = {
  note: `/spec/template/metadata/annotations/${note.replace('/', '~1')}`,
  env: '/spec/template/spec/containers/0/env',
};
const patienceMs = 180_000;

/**
 * Creates another revision of product. Argo CD leaves the Rollout alone until `removeRevision`, and keeps syncing the
 * mesh.
 *
 * @param faults the revision's faults in JSON; without them, it is as good as the previous one
 */
export async function createRevision(kube: Kube, faults?: string): Promise<void> {
  await pauseSelfHeal(kube, application);
  const faulty = {
    op: 'add',
    path: `${paths.env}/-`,
    value: { name: 'FAULTS', value: faults },
  };
  await patchRollout(kube, [
    { op: 'add', path: paths.note, value: new Date().toISOString() },
    ...(faults ? [faulty] : []),
  ]);
}

/** Reverts the change without the steps of a rollout, and resolves when the cluster matches Git. */
export async function removeRevision(kube: Kube): Promise<void> {
  const { rollout } = await readState(kube);
  const { annotations } = rollout.spec.template.metadata;
  const env = rollout.spec.template.spec.containers[0]?.env ?? [];
  const at = env.findIndex(({ name }) => name === 'FAULTS');
  const changes = [
    ...(at >= 0 ? [{ op: 'remove', path: `${paths.env}/${at}` }] : []),
    ...(annotations[note] ? [{ op: 'remove', path: paths.note }] : []),
  ];
  if (changes.length > 0) await patchRollout(kube, changes);
  await waitUntilHealthy(kube);
  await resumeSelfHeal(kube, application);
}

async function waitUntilHealthy(kube: Kube): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const { rollout, weight } = await readState(kube);
    if (isSeen(rollout) && rollout.status.phase === 'Healthy' && weight === 0) return;
    if (isSeen(rollout) && rollout.status.currentPodHash !== rollout.status.stableRS)
      await promoteAtOnce(kube);
    if (Date.now() > deadline) {
      throw new Error(`the Rollout is not healthy again: ${rollout.status.phase}, ${rollout.status.message}`);
    }
    await sleep(500);
  }
}

/** Skips all steps, like `kubectl argo rollouts promote --full`. */
async function promoteAtOnce(kube: Kube): Promise<void> {
  const promote = JSON.stringify({ status: { promoteFull: true } });
  await kube.run('patch', rolloutName, '--subresource', 'status', '--type', 'merge', '--patch', promote);
}
