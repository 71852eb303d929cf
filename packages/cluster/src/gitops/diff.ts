import { ToolFailedError } from '@meshmart/processes/run-tool';
import { type ClusterAccess, runKubectl } from '../access.ts';
import type { Application } from './applications.ts';
import { ARGO_CD_NAMESPACE } from './argo-cd.ts';

const controller = 'statefulset/argocd-application-controller';

/** Prints what differs between Git and the cluster; Argo CD's own program tells it, in its own pod. @returns whether nothing does */
export async function diff(access: ClusterAccess, applications: Application[]): Promise<boolean> {
  let isSame = true;
  for (const { metadata } of applications) {
    const command = ['argocd', 'app', 'diff', metadata.name, '--core', '--exit-code=true', '--refresh'];
    const inPod = ['exec', '--namespace', ARGO_CD_NAMESPACE, controller, '--', ...command];
    const difference = await runKubectl(access, inPod).catch((error) => {
      // Exit code 1 says that there is one.
      if (error instanceof ToolFailedError && error.output.includes('=====')) return error.output;
      throw error;
    });
    if (difference.trim() === '') continue;
    isSame = false;
    console.log(`${metadata.name}${difference.trimEnd()}`);
  }
  if (isSame) console.log('The cluster is as Git has it.');
  return isSame;
}
