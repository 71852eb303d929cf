import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { config } from '../config.ts';
import type { Secrets } from '../platform/secrets.ts';
import type { Step } from '../progress.ts';
import type { ToolOptions } from '../setup/run-tool.ts';
import { type ClusterAccess, runHelm, runKubectl } from './access.ts';

export const STORE_NAMESPACE = 'meshmart';
/** Of 127.0.0.1 within a pod: where an experiment makes its service sick. */
export const SICKNESS_PORT = 8081;
const release = ['store', '--namespace', STORE_NAMESPACE];

export interface StoreImages {
  /** With a slash at its end; empty for images that the nodes have. */
  registry: string;
  tag: string;
}

/** Installs the store by its chart, and the mesh's standing resources beside it. Safe to repeat. */
export function storeSteps(access: ClusterAccess, images: StoreImages, signal: AbortSignal): Step[] {
  return [
    {
      title: "The mesh's standing resources: mutual TLS, the call graph, routes",
      run: (onLine) => applyMesh(access, { signal, onLine }),
    },
    {
      title: `The store ${images.tag}`,
      run: (onLine) => installStore(access, images, { signal, onLine }),
    },
  ];
}

function applyMesh(access: ClusterAccess, options: ToolOptions): Promise<unknown> {
  const folder = join(config.root, 'mesh/istio');
  return retryWebhook(() => runKubectl(access, ['apply', '-n', STORE_NAMESPACE, '-f', folder], options));
}

async function installStore(access: ClusterAccess, { registry, tag }: StoreImages, options: ToolOptions) {
  await forgetInterrupted(access, options);
  const values = [
    '--set-string',
    `global.image.registry=${registry}`,
    '--set-string',
    `global.image.tag=${tag}`,
    '--set',
    `global.sicknessPort=${SICKNESS_PORT}`,
  ];
  const args = ['upgrade', '--install', ...release, join(config.root, 'charts/store'), ...values];
  await runHelm(access, [...args, '--reset-then-reuse-values', '--wait', '--timeout', '10m'], options);
}

/** Helm refuses to go on from a release that it was interrupted at; without the note of it, it takes up what is there. */
async function forgetInterrupted(access: ClusterAccess, options: ToolOptions): Promise<void> {
  const pending = 'owner=helm,name=store,status in (pending-install,pending-upgrade,pending-rollback)';
  await runKubectl(access, ['delete', 'secret', '-n', STORE_NAMESPACE, '--selector', pending], options);
}

/** Right after istiod is ready, its webhook can refuse for a moment, until the node's proxy knows the way to it. */
async function retryWebhook(apply: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await apply();
      return;
    } catch (error) {
      if (attempt === 10) throw error;
      await sleep(500);
    }
  }
}

/** The administrator's login, which the first installation has made. */
export async function readAdmin(access: ClusterAccess): Promise<Secrets['admin']> {
  const args = ['get', 'secret', 'admin', '-n', STORE_NAMESPACE, '--output', 'json'];
  const { data }: { data: Record<'email' | 'password', string> } = JSON.parse(await runKubectl(access, args));
  const decode = (text: string) => Buffer.from(text, 'base64').toString();
  return { email: decode(data.email), password: decode(data.password) };
}
