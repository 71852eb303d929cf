import { setTimeout as sleep } from 'node:timers/promises';
import { type Application, describeLag, PAUSE } from '@meshmart/cluster/gitops/applications';
import { isDefined, type Kube } from './kube.ts';

const patienceMs = 120_000;
const pauseMs = 500;
/** Of Argo CD, by which the mesh comes to the cluster. */
const mesh = 'mesh';

/**
 * Where Argo CD brings what an experiment changes, it would at once put it back.
 *
 * @param name of the application
 */
export async function pauseSelfHeal(kube: Kube, name = mesh): Promise<void> {
  if (await hasApplication(kube, name)) await annotate(kube, name, `${PAUSE}=true`);
}

/**
 * Lets Argo CD go on, and resolves when the application is as Git has it.
 *
 * @throws an Error saying what keeps it from being so, after two minutes
 */
export async function resumeSelfHeal(kube: Kube, name = mesh): Promise<void> {
  if (!(await hasApplication(kube, name))) return;
  await annotate(kube, name, `${PAUSE}-`, 'argocd.argoproj.io/refresh=normal');
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const application: Application = JSON.parse(await kube.run('get', ...pathOf(name), '--output', 'json'));
    const lag = describeLag(application);
    if (!lag) return;
    if (Date.now() > deadline) throw new Error(`Argo CD does not bring it back: ${lag}`);
    await sleep(pauseMs);
  }
}

function annotate(kube: Kube, name: string, ...annotations: string[]): Promise<string> {
  return kube.run('annotate', ...pathOf(name), ...annotations, '--overwrite');
}

function pathOf(name: string): string[] {
  return ['applications.argoproj.io', name, '--namespace', 'argocd'];
}

/** Whether Argo CD is there, and has this application: that of the mesh is there wherever it delivers the store. */
export async function hasApplication(kube: Kube, name = mesh): Promise<boolean> {
  if (!(await isDefined(kube, 'applications.argoproj.io'))) return false;
  return (await kube.run('get', ...pathOf(name), '--ignore-not-found', '--output', 'name')) !== '';
}
