import { setTimeout as sleep } from 'node:timers/promises';
import { type Application, describeLag, PAUSE } from '../../cluster/gitops/applications.ts';
import type { Kube } from './kube.ts';

const patienceMs = 120_000;
const pauseMs = 500;
/** Of Argo CD, by which mesh/istio comes to the cluster. */
const mesh = ['applications.argoproj.io', 'mesh', '--namespace', 'argocd'];

/** Where Argo CD brings the mesh, it would at once put back what an experiment changes. */
export async function pauseSelfHeal(kube: Kube): Promise<void> {
  if (await hasArgoCd(kube)) await annotate(kube, `${PAUSE}=true`);
}

/**
 * Lets Argo CD go on, and resolves when the mesh is as Git has it.
 *
 * @throws an Error saying what keeps it from being so, after two minutes
 */
export async function resumeSelfHeal(kube: Kube): Promise<void> {
  if (!(await hasArgoCd(kube))) return;
  await annotate(kube, `${PAUSE}-`, 'argocd.argoproj.io/refresh=normal');
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const application: Application = JSON.parse(await kube.run('get', ...mesh, '--output', 'json'));
    const lag = describeLag(application);
    if (!lag) return;
    if (Date.now() > deadline) throw new Error(`Argo CD does not bring the mesh back: ${lag}`);
    await sleep(pauseMs);
  }
}

function annotate(kube: Kube, ...annotations: string[]): Promise<string> {
  return kube.run('annotate', ...mesh, ...annotations, '--overwrite');
}

async function hasArgoCd(kube: Kube): Promise<boolean> {
  const definition = ['customresourcedefinitions', 'applications.argoproj.io', '--ignore-not-found'];
  if (!(await kube.run('get', ...definition, '--output', 'name'))) return false;
  return (await kube.run('get', ...mesh, '--ignore-not-found', '--output', 'name')) !== '';
}
