import { randomBytes } from 'node:crypto';
import type { ToolOptions } from '@meshmart/processes/run-tool';
import { versions } from '@meshmart/toolchain/versions';
import { type ClusterAccess, runKubectl } from '../access.ts';
import { applyOverlay } from '../apply-overlay.ts';

export const ARGO_CD_NAMESPACE = 'argocd';

const releases = 'https://raw.githubusercontent.com/argoproj';
/** Of their releases, Argo CD with its web interface. */
export const releasedArgo = {
  cd: `${releases}/argo-cd/v${versions.argoCd}/manifests/install.yaml`,
  rollouts: `${releases}/argo-rollouts/v${versions.argoRollouts}/manifests/install.yaml`,
};

const inNamespace = ['--namespace', ARGO_CD_NAMESPACE];

/** @param manifests a file or a URL */
export async function installArgoCd(
  access: ClusterAccess,
  manifests: string,
  options: ToolOptions,
): Promise<void> {
  // Its definitions are too long for the annotation in which a client-side apply would keep them.
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

/** The web interface's server makes it otherwise, and where that is left out nothing starts without. */
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
