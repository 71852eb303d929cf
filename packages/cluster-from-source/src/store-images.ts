import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { npmSecrets } from '@meshmart/cluster/docker-images';
import { storeTag } from '@meshmart/cluster/store-tag';
import { runTool, type ToolOptions } from '@meshmart/processes/run-tool';
import { readTopology } from '@meshmart/store-client/topology';
import { config } from '@meshmart/toolchain/config';
import { buildImage, imagesDirectory, removeOlder } from './images.ts';

/** The archive of all services' images as the checkout is now. They share most of their layers, which it holds once. */
export function storeArchive(): string {
  return join(imagesDirectory, `store-${storeTag()}.tar`);
}

/** Builds the services' images by the ordinary Dockerfile, unless they are there. @throws UserError with what the build said last */
export async function ensureStoreImages(options: ToolOptions): Promise<void> {
  const archive = storeArchive();
  if (existsSync(archive)) return;
  mkdirSync(imagesDirectory, { recursive: true });
  const fresh = mkdtempSync(join(imagesDirectory, 'store-'));
  try {
    const { services } = await readTopology(join(config.root, 'topology.yaml'));
    for (const service of Object.keys(services)) {
      const image = `docker.io/meshmart/${service}:${storeTag()}`;
      const build = {
        // In the builder's storage the next build takes the name over.
        image: `localhost/meshmart/${service}`,
        dockerfile: join(config.root, 'Dockerfile'),
        context: config.root,
        destination: `oci:${fresh}/layout:${image}`,
        settings: ['--build-arg', `SERVICE=${service}`, ...npmSecrets()],
      };
      await buildImage(build, options);
    }
    await runTool('tar', [
      '--create',
      '--file',
      join(fresh, 'archive.tar'),
      '--directory',
      join(fresh, 'layout'),
      '.',
    ]);
    renameSync(join(fresh, 'archive.tar'), archive);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  removeOlder(archive);
}
