import { join } from 'node:path';
import {
  type Cluster,
  type Components,
  commandLine,
  localUrl,
  type Provider,
  type UpOptions,
} from '@meshmart/cluster/provider';
import { storeTag } from '@meshmart/cluster/store-tag';
import { assertPortFree } from '@meshmart/processes/ports';
import type { Step } from '@meshmart/terminal/progress';
import { config } from '@meshmart/toolchain/config';
import { accessTo } from './access.ts';
import { argoCdImages, argoRolloutsImage } from './argo-cd-images.ts';
import { installStep, unpackStep } from './debian-packages.ts';
import { serveCheckout } from './git-daemon.ts';
import { raiseHostSettings } from './host-settings.ts';
import { builtImages, platformImages } from './image-recipes.ts';
import { archiveOf, ensureImage, type ImageRecipe } from './images.ts';
import { importImages } from './import-images.ts';
import { measureMemory } from './memory.ts';
import { meshFromSource } from './mesh.ts';
import { startNode, waitForNode } from './node.ts';
import { findNode } from './node-process.ts';
import { observabilityImages } from './observability-images.ts';
import { assertCanBeNode, assertRoot } from './preconditions.ts';
import { removeNode } from './remove-node.ts';
import { findCluster, findOrPlanCluster, type Cluster as SourceCluster, saveCluster } from './settings.ts';
import { ensureStoreImages, storeArchive } from './store-images.ts';
import { type ToolName, toolFolder, toolSteps } from './tools.ts';

/** Kubernetes and Istio without any image registry: built from their Go modules, in namespaces of this machine. */
export const fromSource: Provider = {
  prepare: async (options: UpOptions) => {
    await assertCanBeNode();
    const cluster = findOrPlanCluster(options.name, options);
    if (!findNode(cluster.layout)) await assertPortFree(cluster.port, commandLine('up', options.name));
    saveCluster(cluster);
    return describe(cluster);
  },
  open: (name) => {
    assertRoot();
    const cluster = findCluster(name);
    if (!cluster) throw new Error(`there is no cluster "${name}"`);
    return describe(cluster);
  },
};

function describe(cluster: SourceCluster): Cluster {
  const { layout, port } = cluster;
  return {
    name: layout.name,
    state: layout.state,
    access: accessTo(layout),
    images: { registry: '', tag: storeTag() },
    mesh: meshFromSource,
    argo: {
      cd: join(toolFolder('argo-cd'), 'core-install.yaml'),
      rollouts: join(toolFolder('argo-rollouts'), 'install.yaml'),
    },
    logs: layout.logs,
    cache: `Only the cache stays, with the tools and images of all clusters: ${config.cacheDirectory}`,
    isRunning: () => findNode(layout) !== undefined,
    nodeSteps: (signal, components) => nodeSteps(cluster, signal, components),
    imageSteps: (signal, components) => imageSteps(cluster, signal, components),
    serveCheckout: async (checkout) => serveCheckout(layout, checkout),
    findGateway: async () => ({ url: localUrl(port) }),
    measureMemory: async () => measureMemory(layout),
    removeSteps: () => [{ title: `Removing cluster "${layout.name}"`, run: () => removeNode(layout) }],
  };
}

async function nodeSteps(
  { layout, port }: SourceCluster,
  signal: AbortSignal,
  components: Components,
): Promise<Step[]> {
  return [
    ...(await installStep(signal)),
    unpackStep(signal),
    ...toolSteps(signal, toolsLeftOut(components)),
    {
      title: 'Images of Debian, Node, PostgreSQL, Istio and what measures',
      run: async (onLine) => {
        for (const recipe of [...builtImages, ...imagesOf(components)])
          await ensureImage(recipe, { signal, onLine });
      },
    },
    {
      title: `Node "${layout.name}"`,
      run: async () => {
        raiseHostSettings();
        await startNode(layout, port);
        await waitForNode(layout, signal);
      },
    },
  ];
}

function imageSteps({ layout }: SourceCluster, signal: AbortSignal, components: Components): Step[] {
  const platform = [...platformImages, ...imagesOf(components)];
  return [
    {
      title: "Images of the store's services",
      run: (onLine) => ensureStoreImages({ signal, onLine }),
    },
    {
      title: 'Images into the node',
      run: (onLine) => importImages(layout, [...platform.map(archiveOf), storeArchive()], { signal, onLine }),
    },
  ];
}

function toolsLeftOut({ argoCd, argoRollouts, observability }: Components): ToolName[] {
  return [
    ...(argoCd ? [] : (['argo-cd'] as const)),
    ...(argoRollouts ? [] : (['argo-rollouts'] as const)),
    ...(observability ? [] : (['prometheus', 'jaeger'] as const)),
  ];
}

function imagesOf({ argoCd, argoRollouts, observability }: Components): ImageRecipe[] {
  return [
    ...(argoCd ? argoCdImages : []),
    ...(argoRollouts ? [argoRolloutsImage] : []),
    ...(observability ? observabilityImages : []),
  ];
}
