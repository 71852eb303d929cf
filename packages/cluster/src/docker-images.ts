import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runTool, type ToolOptions } from '@meshmart/processes/run-tool';
import { readTopology } from '@meshmart/store-client/topology';
import type { Step } from '@meshmart/terminal/progress';
import { config } from '@meshmart/toolchain/config';
import type { ClusterState } from './cluster-state.ts';
import type { StoreImages } from './store.ts';
import { storeTag } from './store-tag.ts';

/** Brings images that Docker has to the nodes. */
export type LoadImages = (images: string[], options: ToolOptions) => Promise<unknown>;

/** Which images the store is made of: those that are told, or those of the checkout as it is. */
export function imagesOf({ registry = '', tag }: Pick<ClusterState, 'registry' | 'tag'>): StoreImages {
  return { registry, tag: tag ?? storeTag() };
}

/** What `down` says of them. */
export const dockerCache = 'Only the images of the store stay, with Docker: docker image ls "*meshmart/*"';

/** Builds the services' images with Docker, unless they are to be there, and pushes them to the registry, or else loads them. */
export function dockerImageSteps(
  { registry, tag }: Pick<ClusterState, 'registry' | 'tag'>,
  load: LoadImages | undefined,
  signal: AbortSignal,
): Step[] {
  const images = imagesOf({ registry, tag });
  const build: Step = {
    title: "Images of the store's services",
    run: (onLine) => buildImages(images, { signal, onLine }),
  };
  const deliver: Step = {
    title: registry ? `Images to ${registry}` : 'Images into the nodes',
    run: async (onLine) => {
      const names = Object.values(await imageNames(images));
      if (!registry) return load?.(names, { signal, onLine });
      for (const name of names) await runTool('docker', ['push', name], { signal, onLine });
    },
  };
  if (tag === undefined) return [build, deliver];
  return registry || !load ? [] : [deliver];
}

async function buildImages(images: StoreImages, options: ToolOptions): Promise<void> {
  for (const [service, image] of Object.entries(await imageNames(images))) {
    if (await hasImage(image, options)) continue; // its tag is a fingerprint of what it is made from
    const args = ['build', '--build-arg', `SERVICE=${service}`, '--tag', image, ...npmSecrets(), config.root];
    // A list of images with attestations is not what `kind load` takes for an image.
    const env = { DOCKER_BUILDKIT: '1', BUILDX_NO_DEFAULT_ATTESTATIONS: '1' };
    await runTool('docker', args, { ...options, env });
  }
}

function hasImage(image: string, { signal }: ToolOptions): Promise<boolean> {
  return runTool('docker', ['image', 'inspect', image], { signal }).then(
    () => true,
    () => false,
  );
}

/** By service. */
async function imageNames({ registry, tag }: StoreImages): Promise<Record<string, string>> {
  const { services } = await readTopology(join(config.root, 'topology.yaml'));
  const names = Object.keys(services).map((service) => [service, `${registry}meshmart/${service}:${tag}`]);
  return Object.fromEntries(names);
}

/** How npm on this machine reaches its registry, as `docker build` and `buildah build` take it. */
export function npmSecrets(): string[] {
  const { npmrc, certificates } = config;
  const secrets = Object.entries({ npmrc, ca: certificates }).filter(([, file]) => existsSync(file));
  return secrets.flatMap(([id, file]) => ['--secret', `id=${id},src=${file}`]);
}
