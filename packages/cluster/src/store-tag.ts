import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { config } from '@meshmart/toolchain/config';
import manifest from '../../../package.json' with { type: 'json' };

/** Files that the Dockerfile copies, and those that .dockerignore leaves out. */
export const imageSources = {
  taken: [
    'Dockerfile',
    '.dockerignore',
    'package.json',
    'package-lock.json',
    '.npmrc',
    'packages/{database,service,telemetry}/**',
    'services/**',
  ],
  leftOut: ['**/node_modules', '**/generated', '**/reports', '**/test', '**/.turbo', '**/*.md'],
};

/**
 * Returns the tag of the store's images: the version and a fingerprint of their sources. A changed source changes the
 * tag, and therefore Kubernetes replaces the pods.
 */
export function storeTag(root = config.root): string {
  const hash = createHash('sha256');
  const { taken, leftOut } = imageSources;
  const entries = globSync(taken, { cwd: root, exclude: leftOut, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  for (const file of files.sort())
    hash
      .update(`${file.slice(root.length)}\0`)
      .update(readFileSync(file))
      .update('\0');
  return `${manifest.version}-${hash.digest('hex').slice(0, 12)}`;
}
