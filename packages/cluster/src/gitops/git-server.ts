import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTool, type ToolOptions } from '@meshmart/processes/run-tool';
import { config } from '@meshmart/toolchain/config';
import { versions } from '@meshmart/toolchain/versions';
import { type ClusterAccess, runKubectl } from '../access.ts';
import { manifestOf } from '../mesh.ts';
import { ARGO_CD_NAMESPACE } from './argo-cd.ts';
import type { Checkout } from './checkout.ts';

/**
 * Pushes the checkout's commit to a Git server in the cluster, for clusters that cannot reach this machine. Later
 * commits need another call.
 *
 * @returns the URL of the repository in the cluster
 */
export async function pushToCluster(
  access: ClusterAccess,
  { commit }: Checkout,
  options: ToolOptions,
): Promise<string> {
  const template = readFileSync(join(config.root, 'cluster/git-server.yaml'), 'utf8');
  const manifest = manifestOf(access, 'git-server');
  writeFileSync(manifest, template.replace('@VERSION@', `v${versions.argoCd}`));
  await runKubectl(access, ['apply', '-f', manifest], options);
  const inNamespace = ['--namespace', ARGO_CD_NAMESPACE];
  await runKubectl(
    access,
    ['rollout', 'status', 'statefulset/git', ...inNamespace, '--timeout=10m'],
    options,
  );
  // Git talks to the Git in the pod through `kubectl exec`: no port is open, and only users who may exec may push.
  const pod = [access.kubectl, '--kubeconfig', access.kubeconfig, ...inNamespace, 'exec', '--stdin', 'git-0'];
  const words = [...pod, '--', 'git', 'receive-pack', '/srv/store.git'].map(escapeWord);
  const settings = ['-c', 'safe.directory=*', '-c', 'protocol.ext.allow=always', '-C', config.root];
  const push = ['push', '--force', `ext::${words.join(' ')}`, `${commit}:refs/heads/main`];
  await runTool('git', [...settings, ...push], options);
  return 'git://git.argocd/store.git';
}

/** Escapes a word for git-remote-ext(1). */
function escapeWord(word: string): string {
  return word.replaceAll('%', '%%').replaceAll(' ', '% ');
}
