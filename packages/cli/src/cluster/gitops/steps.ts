import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { throwIfInterrupted } from '../../interruption.ts';
import type { Step } from '../../progress.ts';
import type { ToolOptions } from '../../setup/run-tool.ts';
import { versions } from '../../setup/versions.ts';
import { UserError } from '../../user-error.ts';
import { type ClusterAccess, runHelm, runKubectl } from '../access.ts';
import { installChart } from '../install-chart.ts';
import { manifestOf } from '../mesh.ts';
import { makeObservabilityNamespace } from '../observability.ts';
import { type Cluster, commandLine } from '../provider.ts';
import { STORE_NAMESPACE, type StoreSettings } from '../store.ts';
import { describeLag, listApplications, ROOT, refresh } from './applications.ts';
import { installArgoCd } from './argo-cd.ts';
import { readCheckout } from './checkout.ts';
import type { Delivery } from './delivery.ts';
import { describeRoot } from './root.ts';

const patienceMs = 600_000;
const pauseMs = 500;

/** Installs Argo CD, and lets it bring the store from Git. Safe to repeat. */
export function gitopsSteps(
  cluster: Cluster,
  delivery: Delivery,
  store: StoreSettings,
  signal: AbortSignal,
): Step[] {
  const { access } = cluster;
  const secrets = { name: 'secrets', namespace: STORE_NAMESPACE, chart: 'secrets' };
  return [
    {
      title: `Argo CD ${versions.argoCd}`,
      run: async (onLine) => {
        await refuseHelms(cluster);
        await installArgoCd(access, cluster.argoCd, { signal, onLine });
      },
    },
    {
      title: 'Passwords and keys, which are not in Git',
      run: (onLine) => installChart(access, secrets, { signal, onLine }),
    },
    {
      title: `The store ${store.images.tag} from ${delivery.repo ?? 'the last commit of this checkout'}`,
      run: (onLine) => bringFromGit(cluster, delivery, store, { signal, onLine }),
    },
  ];
}

/** Argo CD would take over what a release has, and the next upgrade of the release would take it back. */
async function refuseHelms({ access, name }: Cluster): Promise<void> {
  const list = await runHelm(access, [
    'list',
    '--namespace',
    STORE_NAMESPACE,
    '--short',
    '--filter',
    '^store$',
  ]);
  if (!list.trim()) return;
  throw new UserError(
    `The store was brought to cluster "${name}" by Helm: go on with --no-gitops, or begin anew: ${commandLine('down', name)}`,
  );
}

async function bringFromGit(
  cluster: Cluster,
  { repo, revision = 'HEAD', environment }: Delivery,
  store: StoreSettings,
  options: ToolOptions,
): Promise<void> {
  const { access } = cluster;
  const checkout = repo === undefined ? await readCheckout() : undefined;
  if (store.otlpEndpoint) await makeObservabilityNamespace(access, options);
  const repoUrl = repo ?? (checkout ? await cluster.serveCheckout(checkout, options) : '');
  const items = describeRoot({ repoUrl, revision, environment, store });
  const manifest = manifestOf(access, 'argocd');
  writeFileSync(manifest, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await runKubectl(access, ['apply', '--server-side', '--force-conflicts', '-f', manifest], options);
  await refresh(access, [ROOT]);
  await waitForAll(access, checkout?.commit, options);
}

/** Resolves when the root, and every application that it has brought, is as Git has it, and healthy. */
export async function waitForAll(
  access: ClusterAccess,
  revision: string | undefined,
  { signal, onLine }: ToolOptions,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const applications = await listApplications(access);
    const lags = applications.flatMap((application) => describeLag(application, revision) ?? []);
    if (lags.length === 0 && applications.length > 1) return;
    if (signal) throwIfInterrupted(signal);
    if (Date.now() > deadline) {
      const minutes = patienceMs / 60_000;
      throw new UserError(
        `Argo CD has not brought everything within ${minutes} minutes:\n${lags.join('\n')}`,
      );
    }
    onLine?.(lags.join('; '));
    await sleep(pauseMs);
  }
}
