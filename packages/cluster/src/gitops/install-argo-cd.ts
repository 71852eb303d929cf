import { writeFileSync } from 'node:fs';
import type { ToolOptions } from '@meshmart/processes/run-tool';
import type { Step } from '@meshmart/terminal/progress';
import { UserError } from '@meshmart/terminal/user-error';
import { versions } from '@meshmart/toolchain/versions';
import { runHelm, runKubectl } from '../access.ts';
import { installChart } from '../install-chart.ts';
import { manifestOf } from '../mesh.ts';
import { makeObservabilityNamespace } from '../observability.ts';
import { type Cluster, commandLine } from '../provider.ts';
import { STORE_NAMESPACE, type StoreSettings } from '../store.ts';
import { ROOT, refresh } from './applications.ts';
import { installArgoCd } from './argo-cd.ts';
import { installArgoRollouts } from './argo-rollouts.ts';
import { readCheckout } from './checkout.ts';
import { type Delivery, hasRollouts } from './delivery.ts';
import { renderRoot } from './root.ts';
import { waitForAll } from './wait.ts';

interface Deployment {
  cluster: Cluster;
  /** Manifests of Argo CD and Argo Rollouts. */
  argo: NonNullable<Cluster['argo']>;
  delivery: Delivery;
  store: StoreSettings;
}

/** Returns the steps that install Argo CD and let it deploy the store from Git. Safe to repeat. */
export function argoCdSteps({ cluster, argo, delivery, store }: Deployment, signal: AbortSignal): Step[] {
  const { access } = cluster;
  const secrets = { name: 'secrets', namespace: STORE_NAMESPACE, chart: 'secrets' };
  return [
    {
      title: `Argo CD ${versions.argoCd}`,
      run: async (onLine) => {
        await refuseStoreOfHelm(cluster);
        await installArgoCd(access, argo.cd, { signal, onLine });
      },
    },
    ...(hasRollouts(delivery)
      ? [
          {
            title: `Argo Rollouts ${versions.argoRollouts}`,
            run: (onLine) => installArgoRollouts(access, argo.rollouts, { signal, onLine }),
          } satisfies Step,
        ]
      : []),
    {
      title: 'Passwords and keys, which Git does not contain',
      run: (onLine) => installChart(access, secrets, { signal, onLine }),
    },
    {
      title: `The store ${store.images.tag} from ${delivery.repo ?? 'the last commit of this checkout'}`,
      run: (onLine) => deployFromGit(cluster, delivery, store, { signal, onLine }),
    },
  ];
}

/** Refuses a store that Helm has deployed: Argo CD and the next upgrade would overwrite each other's changes. */
async function refuseStoreOfHelm({ access, name }: Cluster): Promise<void> {
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
    `Helm deploys the store to cluster "${name}": use --no-gitops, or delete the cluster first: ${commandLine('down', name)}`,
  );
}

async function deployFromGit(
  cluster: Cluster,
  { repo, revision = 'HEAD', environment }: Delivery,
  store: StoreSettings,
  options: ToolOptions,
): Promise<void> {
  const { access } = cluster;
  const checkout = repo === undefined ? await readCheckout() : undefined;
  if (store.otlpEndpoint) await makeObservabilityNamespace(access, options);
  const repoUrl = repo ?? (checkout ? await cluster.serveCheckout(checkout, options) : '');
  const items = renderRoot({ repoUrl, revision, environment, store });
  const manifest = manifestOf(access, 'argocd');
  writeFileSync(manifest, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await runKubectl(access, ['apply', '--server-side', '--force-conflicts', '-f', manifest], options);
  await refresh(access, [ROOT]);
  await waitForAll(access, { revision: checkout?.commit }, options);
}
