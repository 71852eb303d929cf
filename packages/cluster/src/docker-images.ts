import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runTool, type ToolOptions } from '@meshmart/processes/run-tool';
import { readTopology } from '@meshmart/store-client/topology';
import type { Step } from '@meshmart/terminal/progress';
import { config } from '@meshmart/toolchain/config';
import type { ClusterState } from './cluster-state.ts';
import type { StoreImages } from './store.ts';
import { storeTag } from './store-tag.ts';

/** Loads images from Docker into the nodes. */
type LoadImages = (images: string[], options: ToolOptions) => Promise<unknown>;

/** Returns the store's images: those of the saved state, else those of the working tree. */
export function imagesOf({ registry = '', tag }: Pick<ClusterState, 'registry' | 'tag'>): StoreImages {
  return { registry, tag: tag ?? storeTag() };
}

/** Sentence that `down` prints about the images that it keeps. */
export const dockerCache = 'The images of the store stay in Docker: docker image ls "*meshmart/*"';

/** Builds the services' images, unless a tag names existing ones, and pushes them to the registry or loads them. */
export function dockerImageSteps(
  { registry, tag, platform }: Pick<ClusterState, 'registry' | 'tag' | 'platform'>,
  load: LoadImages | undefined,
  signal: AbortSignal,
): Step[] {
  const images = imagesOf({ registry, tag });
  const build: Step = {
    title: 'Images of the services',
    run: (onLine) => buildImages(images, platform, { signal, onLine }),
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

async function buildImages(
  images: StoreImages,
  platform: string | undefined,
  options: ToolOptions,
): Promise<void> {
  for (const [service, image] of Object.entries(await imageNames(images))) {
    if (await hasImage(image, platform, options)) continue; // its tag is a fingerprint of its sources
    const target = platform ? ['--platform', platform] : [];
    const name = ['--build-arg', `SERVICE=${service}`, '--tag', image];
    const args = ['build', ...name, ...target, ...npmSecrets(), config.root];
    // `kind load` does not accept an image index, which attestations would create.
    const env = { DOCKER_BUILDKIT: '1', BUILDX_NO_DEFAULT_ATTESTATIONS: '1' };
    await runTool('docker', args, { ...options, env });
  }
}

function hasImage(image: string, platform: string | undefined, { signal }: ToolOptions): Promise<boolean> {
  return runTool('docker', ['image', 'inspect', '--format', '{{.Os}}/{{.Architecture}}', image], {
    signal,
  }).then(
    (found) => platform === undefined || found.trim() === platform,
    () => false,
  );
}

/** Returns image names by service. */
async function imageNames({ registry, tag }: StoreImages): Promise<Record<string, string>> {
  const { services } = await readTopology(join(config.root, 'topology.yaml'));
  const names = Object.keys(services).map((service) => [service, `${registry}meshmart/${service}:${tag}`]);
  return Object.fromEntries(names);
}

/** Returns arguments of `docker build` and `buildah build` that pass this machine's npm settings as secrets. */
export function npmSecrets(): string[] {
  const { npmrc, certificates } = config;
  const secrets = Object.entries({ npmrc, ca: certificates }).filter(([, file]) => existsSync(file));
  return secrets.flatMap(([id, file]) => ['--secret', `id=${id},src=${file}`]);
}
