import { dirname } from 'node:path';
import { TEST_CARDS } from '@meshmart/service/test-cards';
import { assertPortFree } from '../../platform/ports.ts';
import type { Secrets } from '../../platform/secrets.ts';
import { runSteps, type Step } from '../../progress.ts';
import { ToolFailedError } from '../../setup/run-tool.ts';
import { UserError } from '../../user-error.ts';
import type { ClusterOptions } from '../command.ts';
import { buySomething } from '../smoke.ts';
import { readAdmin, storeSteps } from '../store.ts';
import { storeTag } from '../store-tag.ts';
import { accessTo } from './access.ts';
import { installStep, unpackStep } from './debian-packages.ts';
import { raiseHostSettings } from './host-settings.ts';
import { builtImages, platformImages } from './image-recipes.ts';
import { archiveOf, ensureImage } from './images.ts';
import { importImages } from './import-images.ts';
import { withLock } from './lock.ts';
import { meshSteps } from './mesh.ts';
import { startNode, waitForNode } from './node.ts';
import { findNode } from './node-process.ts';
import { assertCanBeNode } from './preconditions.ts';
import { type Cluster, findOrPlanCluster, saveCluster } from './settings.ts';
import { ensureStoreImages, storeArchive } from './store-images.ts';
import { toolSteps } from './tools.ts';

/** Brings a cluster up, or goes on where an earlier attempt was interrupted. Every step finds out what is done already. */
export async function up(options: ClusterOptions, signal: AbortSignal): Promise<void> {
  const startedAt = Date.now();
  await assertCanBeNode();
  const cluster = findOrPlanCluster(options.name, options);
  if (!findNode(cluster.layout))
    await assertPortFree(cluster.port, `npm run cluster -- up --name ${options.name}`);
  saveCluster(cluster);
  const access = accessTo(cluster.layout);
  await withLock(cluster.layout, async () => {
    await runSteps([
      ...(await installStep(signal)),
      unpackStep(signal),
      ...toolSteps(signal),
      ...imageSteps(signal),
      ...nodeSteps(cluster, signal),
      ...meshSteps(access, signal),
      ...storeSteps(access, { registry: '', tag: storeTag() }, signal),
      smokeStep(cluster, signal),
    ]).catch((error) => {
      throw explain(error, cluster, signal);
    });
  });
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  console.log(`\nReady after ${seconds} s.\n\n${describe(cluster, await readAdmin(access))}`);
}

function imageSteps(signal: AbortSignal): Step[] {
  return [
    {
      title: 'Images of Debian, Node, PostgreSQL, Istio and metrics-server',
      run: async (onLine) => {
        for (const recipe of builtImages) await ensureImage(recipe, { signal, onLine });
      },
    },
    {
      title: "Images of the store's services",
      run: (onLine) => ensureStoreImages({ signal, onLine }),
    },
  ];
}

function nodeSteps({ layout, port }: Cluster, signal: AbortSignal): Step[] {
  return [
    {
      title: `Node "${layout.name}"`,
      run: async () => {
        raiseHostSettings();
        await startNode(layout, port);
        await waitForNode(layout, signal);
      },
    },
    {
      title: 'Images into the node',
      run: (onLine) =>
        importImages(layout, [...platformImages.map(archiveOf), storeArchive()], { signal, onLine }),
    },
  ];
}

function smokeStep({ port }: Cluster, signal: AbortSignal): Step {
  return {
    title: 'Smoke test: a customer buys something through the gateway',
    run: () => buySomething(urlOf(port), signal),
  };
}

function explain(error: unknown, { layout }: Cluster, { aborted }: AbortSignal): unknown {
  const goOn = `Go on with the same command, or remove the cluster: ${downLine(layout.name)}`;
  if (aborted) return new UserError(`Interrupted. ${goOn}`);
  if (!(error instanceof ToolFailedError)) return error;
  return new UserError(`${error.message}\n${goOn}\nLogs of the node: ${layout.logs}`);
}

function describe({ layout, port }: Cluster, admin: Secrets['admin']): string {
  return [
    `  Shop         ${urlOf(port)}/shop`,
    `  API          curl -i '${urlOf(port)}/products?limit=3'`,
    `  Admin login  ${admin.email} / ${admin.password}`,
    `  Test cards   ${Object.keys(TEST_CARDS).join(', ')}`,
    `  Kubernetes   export KUBECONFIG=${layout.kubeconfig} PATH=${dirname(accessTo(layout).kubectl)}:$PATH`,
    `  Status       npm run cluster -- status --name ${layout.name}`,
    `  Remove       ${downLine(layout.name)}`,
  ].join('\n');
}

function urlOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}

function downLine(name: string): string {
  return `npm run cluster -- down --name ${name}`;
}
