import { kubectlLine, shellLine } from '@meshmart/cluster/access';
import { readClusterState, removeClusterState } from '@meshmart/cluster/cluster-state';
import { printChanges } from '@meshmart/cluster/dry-run';
import { describeWebInterface } from '@meshmart/cluster/gitops/argo-cd';
import { type Checkout, readCheckout } from '@meshmart/cluster/gitops/checkout';
import { chooseDelivery, type Delivery, hasRollouts, saveDelivery } from '@meshmart/cluster/gitops/delivery';
import { argoCdSteps } from '@meshmart/cluster/gitops/install-argo-cd';
import { withLock } from '@meshmart/cluster/lock';
import { meshSteps } from '@meshmart/cluster/mesh';
import { OTLP_ENDPOINT, observabilitySteps } from '@meshmart/cluster/observability';
import { withPortForward } from '@meshmart/cluster/port-forward';
import {
  type Cluster,
  commandLine,
  explainFailure,
  type Gateway,
  type UpOptions,
} from '@meshmart/cluster/provider';
import { readAdmin, type StoreImages, storeSteps } from '@meshmart/cluster/store';
import { storeTag } from '@meshmart/cluster/store-tag';
import type { Secrets } from '@meshmart/local-platform/secrets';
import { TEST_CARDS } from '@meshmart/service/test-cards';
import { buySomething } from '@meshmart/store-client/smoke';
import { runSteps, type Step } from '@meshmart/terminal/progress';
import { UserError } from '@meshmart/terminal/user-error';
import { prepareCluster } from './choose-provider.ts';

/** A cloud's load balancer gets its address, and its name resolves, within this time. */
const LOAD_BALANCER_MS = 300_000;

/**
 * Creates a cluster with the store, or continues after an interruption: each step finds out what is done already.
 *
 * @throws UserError with the next step if a precondition or a step fails
 */
export async function up(options: UpOptions, signal: AbortSignal): Promise<void> {
  const startedAt = Date.now();
  const isNew = readClusterState(options.name) === undefined;
  const cluster = await prepareCluster(options);
  const { access, argo, images, mesh } = cluster;
  const { observability } = options;
  const delivery = chooseDelivery(cluster, options);
  if (delivery.gitops && !delivery.repo) printUncommitted(await readCheckout());
  if (delivery.repo && images.tag === storeTag()) printSourceOfImages(images, delivery);
  const { set = [], values: files = [] } = options;
  if (delivery.gitops && set.length + files.length > 0) {
    throw new UserError('--set and --values need --no-gitops: Argo CD reads values from Git');
  }
  const values = [...files.flatMap((file) => ['--values', file]), ...set.flatMap((one) => ['--set', one])];
  const components = { argoCd: delivery.gitops, argoRollouts: hasRollouts(delivery), observability };
  const store = { images, otlpEndpoint: observability ? OTLP_ENDPOINT : '', values };
  if (options.dryRun) {
    return await printChanges(access, mesh, store, { signal }).finally(() => {
      if (isNew) removeClusterState(cluster.name);
    });
  }
  await withLock(cluster, async () => {
    saveDelivery(cluster, delivery);
    await runSteps([
      ...(await cluster.nodeSteps(signal, components)),
      ...cluster.imageSteps(signal, components),
      ...meshSteps(access, mesh, signal),
      ...(delivery.gitops && argo
        ? argoCdSteps({ cluster, argo, delivery, store }, signal)
        : [
            ...(observability ? observabilitySteps(access, mesh.existing, signal) : []),
            ...storeSteps(access, store, mesh.existing, signal),
          ]),
      smokeStep(cluster, signal),
    ]).catch((error) => {
      const nextStep = `Continue with the same command, or delete the cluster: ${commandLine('down', cluster.name)}`;
      throw explainFailure(error, signal, nextStep, cluster.logs);
    });
  });
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  const [gateway, admin] = [await cluster.findGateway(), await readAdmin(access)];
  const argoCd = delivery.gitops ? await describeWebInterface(access) : [];
  console.log(`\nReady after ${seconds} s.\n\n${formatAccess(cluster, gateway, admin, argoCd)}`);
}

/** Prints changes that are not deployed because they are not committed. */
function printUncommitted({ commit, uncommitted }: Checkout): void {
  if (uncommitted.length === 0) return;
  console.log(
    `Argo CD deploys commit ${commit.slice(0, 10)}, without these uncommitted changes: ${uncommitted.join(', ')}`,
  );
}

/** Prints that charts and images may be of different revisions. */
function printSourceOfImages({ tag }: StoreImages, { repo, revision = 'HEAD' }: Delivery): void {
  console.log(
    `Argo CD deploys the charts of ${repo} at ${revision}, with images of this checkout: ${tag}. Check out the same revision, or name its images by --registry and --tag`,
  );
}

function smokeStep(cluster: Cluster, signal: AbortSignal): Step {
  return {
    title: 'Smoke test: a customer buys something through the gateway',
    run: async () => {
      const { url, forward } = await cluster.findGateway(
        AbortSignal.any([signal, AbortSignal.timeout(LOAD_BALANCER_MS)]),
      );
      const buy = () => buySomething(url, signal, forward ? undefined : LOAD_BALANCER_MS);
      await (forward ? withPortForward(cluster.access, forward, buy, signal) : buy());
    },
  };
}

function formatAccess(
  { name, access }: Cluster,
  { url, forward, address }: Gateway,
  admin: Secrets['admin'],
  argoCd: string[],
): string {
  return [
    ...(forward ? [`  Gateway      ${kubectlLine(access, forward)}   (while this command runs)`] : []),
    ...(address ? [`  Balancer     http://${address}   (only in its own network)`] : []),
    `  Shop         ${url}/shop`,
    `  API          curl -i '${url}/products?limit=3'`,
    `  Admin login  ${admin.email} / ${admin.password}`,
    `  Test cards   ${Object.keys(TEST_CARDS).join(', ')}`,
    ...argoCd,
    `  Kubernetes   ${shellLine(access)}`,
    `  Status       ./meshmart cluster status --name ${name}`,
    `  Delete       ${commandLine('down', name)}`,
  ].join('\n');
}
