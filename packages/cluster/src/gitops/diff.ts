import { ToolFailedError } from '@meshmart/processes/run-tool';
import { type ClusterAccess, runKubectl } from '../access.ts';
import type { Application } from './applications.ts';
import { ARGO_CD_NAMESPACE } from './argo-cd.ts';

const controller = 'statefulset/argocd-application-controller';

/** Prints the output of `argocd app diff` in Argo CD's pod: what differs from Git. @returns whether nothing does */
export async function diff(access: ClusterAccess, applications: Application[]): Promise<boolean> {
  let isSame = true;
  for (const { metadata } of applications) {
    const command = ['argocd', 'app', 'diff', metadata.name, '--core', '--exit-code=true', '--refresh'];
    const inPod = ['exec', '--namespace', ARGO_CD_NAMESPACE, controller, '--', ...command];
    const difference = await runKubectl(access, inPod).catch((error) => {
      // Exit code 1 means that there is a difference.
      if (error instanceof ToolFailedError && error.output.includes('=====')) return error.output;
      throw error;
    });
    if (difference.trim() === '') continue;
    isSame = false;
    console.log(`${metadata.name}${difference.trimEnd()}`);
  }
  if (isSame) console.log('The cluster is in sync with Git.');
  return isSame;
}
