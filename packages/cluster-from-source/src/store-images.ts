import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { npmSecrets } from '@meshmart/cluster/docker-images';
import { storeTag } from '@meshmart/cluster/store-tag';
import { runTool, type ToolOptions } from '@meshmart/processes/run-tool';
import { readTopology } from '@meshmart/store-client/topology';
import { config } from '@meshmart/toolchain/config';
import { buildImage, imagesDirectory, removeOlder } from './images.ts';

/** Returns the archive with all services' images of this working tree. It contains shared layers once. */
export function storeArchive(): string {
  return join(imagesDirectory, `store-${storeTag()}.tar`);
}

/** Builds the services' images, unless their archive exists. @throws UserError with the last line of output */
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
        // The next build reuses this name, so old images do not pile up in buildah's storage.
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
