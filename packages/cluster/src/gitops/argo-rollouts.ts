import type { ToolOptions } from '@meshmart/processes/run-tool';
import { versions } from '@meshmart/toolchain/versions';
import { type ClusterAccess, runKubectl } from '../access.ts';
import { applyOverlay } from '../apply-overlay.ts';

/** Installs Argo Rollouts and waits until it is ready. @param manifests file or URL */
export async function installArgoRollouts(
  access: ClusterAccess,
  manifests: string,
  options: ToolOptions,
): Promise<void> {
  const replacements = { VERSION: `v${versions.argoRollouts}` };
  const overlay = { name: 'argo-rollouts', manifests, replacements };
  // A client-side apply would keep the definitions in an annotation, for which they are too long.
  await applyOverlay(access, overlay, ['--server-side', '--force-conflicts'], options);
  const workload = ['deployment/argo-rollouts', '--namespace', 'argo-rollouts'];
  await runKubectl(access, ['rollout', 'status', ...workload, '--timeout=10m'], options);
}
