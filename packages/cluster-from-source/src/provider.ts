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
import { findCluster, findOrPlanCluster, type SourceCluster, saveCluster } from './settings.ts';
import { ensureStoreImages, storeArchive } from './store-images.ts';
import { type ToolName, toolFolder, toolSteps } from './tools.ts';

/** Provider without an image registry: builds Kubernetes and Istio from Go modules, and runs a node in namespaces. */
export const fromSource: Provider = {
  prepare: async (options: UpOptions) => {
    await assertCanBeNode();
    const cluster = findOrPlanCluster(options.name, options.port);
    if (!findNode(cluster.layout)) await assertPortFree(cluster.port, commandLine('up', options.name));
    saveCluster(cluster);
    return toCluster(cluster);
  },
  open: (name) => {
    assertRoot();
    const cluster = findCluster(name);
    if (!cluster) throw new Error(`no cluster "${name}"`);
    return toCluster(cluster);
  },
};

function toCluster(cluster: SourceCluster): Cluster {
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
    cache: `The tools and images of all clusters stay in ${config.cacheDirectory}`,
    isRunning: () => findNode(layout) !== undefined,
    nodeSteps: (signal, components) => nodeSteps(cluster, signal, components),
    imageSteps: (signal, components) => imageSteps(cluster, signal, components),
    serveCheckout: async (checkout) => serveCheckout(layout, checkout),
    findGateway: async () => ({ url: localUrl(port) }),
    measureMemory: async () => measureMemory(layout),
    removeSteps: () => [{ title: `Deleting cluster "${layout.name}"`, run: () => removeNode(layout) }],
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
    ...toolSteps(signal, unneededTools(components)),
    {
      title: 'Images of Debian, Node, PostgreSQL, Istio and observability',
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
  const images = [...platformImages, ...imagesOf(components)];
  return [
    {
      title: 'Images of the services',
      run: (onLine) => ensureStoreImages({ signal, onLine }),
    },
    {
      title: 'Images into the node',
      run: (onLine) => importImages(layout, [...images.map(archiveOf), storeArchive()], { signal, onLine }),
    },
  ];
}

function unneededTools({ argoCd, argoRollouts, observability }: Components): ToolName[] {
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
