import { dirname } from 'node:path';
import { assertPortFree } from '../../platform/ports.ts';
import { runSteps, type Step } from '../../progress.ts';
import { ToolFailedError } from '../../setup/run-tool.ts';
import { UserError } from '../../user-error.ts';
import type { ClusterOptions } from '../command.ts';
import { checkMesh } from '../smoke.ts';
import { accessTo } from './access.ts';
import { installStep, unpackStep } from './debian-packages.ts';
import { raiseHostSettings } from './host-settings.ts';
import { builtImages, platformImages } from './image-recipes.ts';
import { ensureImage } from './images.ts';
import { importImages } from './import-images.ts';
import { withLock } from './lock.ts';
import { meshSteps } from './mesh.ts';
import { startNode, waitForNode } from './node.ts';
import { findNode } from './node-process.ts';
import { assertCanBeNode } from './preconditions.ts';
import { type Cluster, findOrPlanCluster, saveCluster } from './settings.ts';
import { toolSteps } from './tools.ts';

/** Brings a cluster up, or goes on where an earlier attempt was interrupted. Every step finds out what is done already. */
export async function up(options: ClusterOptions, signal: AbortSignal): Promise<void> {
  const startedAt = Date.now();
  await assertCanBeNode();
  const cluster = findOrPlanCluster(options.name, options);
  if (!findNode(cluster.layout))
    await assertPortFree(cluster.port, `npm run cluster -- up --name ${options.name}`);
  saveCluster(cluster);
  await withLock(cluster.layout, async () => {
    await runSteps([
      ...(await installStep(signal)),
      unpackStep(signal),
      ...toolSteps(signal),
      imagesStep(signal),
      ...nodeSteps(cluster, signal),
      ...meshSteps(accessTo(cluster.layout), signal),
      smokeStep(cluster, signal),
    ]).catch((error) => {
      throw explain(error, cluster, signal);
    });
  });
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  console.log(`\nReady after ${seconds} s.\n\n${describe(cluster)}`);
}

function imagesStep(signal: AbortSignal): Step {
  return {
    title: 'Images',
    run: async (onLine) => {
      for (const recipe of builtImages) await ensureImage(recipe, { signal, onLine });
    },
  };
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
      run: (onLine) => importImages(layout, platformImages, { signal, onLine }),
    },
  ];
}

function smokeStep({ layout, port }: Cluster, signal: AbortSignal): Step {
  return {
    title: 'Smoke test: a restricted pod answers through gateway and sidecar',
    run: (onLine) => checkMesh(accessTo(layout), port, { signal, onLine }),
  };
}

function explain(error: unknown, { layout }: Cluster, { aborted }: AbortSignal): unknown {
  const goOn = `Go on with the same command, or remove the cluster: ${downLine(layout.name)}`;
  if (aborted) return new UserError(`Interrupted. ${goOn}`);
  if (!(error instanceof ToolFailedError)) return error;
  return new UserError(`${error.message}\n${goOn}\nLogs of the node: ${layout.logs}`);
}

function describe({ layout, port }: Cluster): string {
  return [
    `  Gateway     http://127.0.0.1:${port}`,
    `  Kubernetes  export KUBECONFIG=${layout.kubeconfig} PATH=${dirname(accessTo(layout).kubectl)}:$PATH`,
    `  Status      npm run cluster -- status --name ${layout.name}`,
    `  Remove      ${downLine(layout.name)}`,
  ].join('\n');
}

function downLine(name: string): string {
  return `npm run cluster -- down --name ${name}`;
}
