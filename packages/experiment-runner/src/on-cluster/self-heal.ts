import { setTimeout as sleep } from 'node:timers/promises';
import { type Application, describeLag, PAUSE } from '@meshmart/cluster/gitops/applications';
import { isDefined, type Kube } from './kube.ts';

const patienceMs = 120_000;
const pauseMs = 500;
/** Argo CD's application with the mesh. */
const mesh = 'mesh';

/**
 * Pauses self-heal of an application, because Argo CD would revert an experiment's changes at once. Does nothing
 * without Argo CD.
 *
 * @param name of the application
 */
export async function pauseSelfHeal(kube: Kube, name = mesh): Promise<void> {
  if (await hasApplication(kube, name)) await annotate(kube, name, `${PAUSE}=true`);
}

/**
 * Resumes self-heal, and resolves when the application matches Git.
 *
 * @throws an Error with what still differs after two minutes
 */
export async function resumeSelfHeal(kube: Kube, name = mesh): Promise<void> {
  if (!(await hasApplication(kube, name))) return;
  await annotate(kube, name, `${PAUSE}-`, 'argocd.argoproj.io/refresh=normal');
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const application: Application = JSON.parse(await kube.run('get', ...pathOf(name), '--output', 'json'));
    const lag = describeLag(application);
    if (!lag) return;
    if (Date.now() > deadline) throw new Error(`Argo CD does not restore it: ${lag}`);
    await sleep(pauseMs);
  }
}

function annotate(kube: Kube, name: string, ...annotations: string[]): Promise<string> {
  return kube.run('annotate', ...pathOf(name), ...annotations, '--overwrite');
}

function pathOf(name: string): string[] {
  return ['applications.argoproj.io', name, '--namespace', 'argocd'];
}

/** Returns whether Argo CD is installed and has this application. Argo CD has `mesh` if it deploys the store. */
export async function hasApplication(kube: Kube, name = mesh): Promise<boolean> {
  if (!(await isDefined(kube, 'applications.argoproj.io'))) return false;
  return (await kube.run('get', ...pathOf(name), '--ignore-not-found', '--output', 'name')) !== '';
}
