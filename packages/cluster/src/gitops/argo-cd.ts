import { randomBytes } from 'node:crypto';
import type { ToolOptions } from '@meshmart/processes/run-tool';
import { type ClusterAccess, kubectlLine, runKubectl } from '../access.ts';
import { applyOverlay } from '../apply-overlay.ts';

export const ARGO_CD_NAMESPACE = 'argocd';

const inNamespace = ['--namespace', ARGO_CD_NAMESPACE];

/** Installs Argo CD and waits until it is ready. @param manifests file or URL */
export async function installArgoCd(
  access: ClusterAccess,
  manifests: string,
  options: ToolOptions,
): Promise<void> {
  // A client-side apply would keep the definitions in an annotation, for which they are too long.
  await applyOverlay(access, { name: 'argo-cd', manifests }, ['--server-side', '--force-conflicts'], options);
  await ensureServerKey(access, options);
  for (const workload of [
    'deployment/argocd-redis',
    'deployment/argocd-repo-server',
    'statefulset/argocd-application-controller',
  ]) {
    await runKubectl(access, ['rollout', 'status', workload, ...inNamespace, '--timeout=10m'], options);
  }
}

/** Returns lines that tell how to open the web interface. None if Argo CD is built from source, without one. */
export async function describeWebInterface(access: ClusterAccess): Promise<string[]> {
  const server = ['deployment', 'argocd-server', ...inNamespace, '--ignore-not-found', '--output', 'name'];
  if (!(await runKubectl(access, ['get', ...server])).trim()) return [];
  const forward = ['port-forward', 'service/argocd-server', '8443:443', ...inNamespace];
  const secret = [
    'secret',
    'argocd-initial-admin-secret',
    ...inNamespace,
    '--output',
    'jsonpath={.data.password}',
  ];
  return [
    `  Argo CD      https://127.0.0.1:8443 while this command runs: ${kubectlLine(access, forward)}`,
    `               user admin, password from ${kubectlLine(access, ['get', ...secret])} | base64 --decode`,
  ];
}

/** Generates the key that Argo CD's API server would generate. The controller needs it, and no API server runs here. */
async function ensureServerKey(access: ClusterAccess, options: ToolOptions): Promise<void> {
  const secret = ['secret', 'argocd-secret', ...inNamespace];
  const found = JSON.parse(await runKubectl(access, ['get', ...secret, '--output', 'json'], options));
  if (found.data?.['server.secretkey']) return;
  const patch = { stringData: { 'server.secretkey': randomBytes(32).toString('base64') } };
  await runKubectl(
    access,
    ['patch', ...secret, '--type', 'merge', '--patch', JSON.stringify(patch)],
    options,
  );
}
