import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { ToolOptions } from '@meshmart/processes/run-tool';
import { config } from '@meshmart/toolchain/config';
import { type ClusterAccess, runKubectl } from './access.ts';

/** A kustomization and the manifests that it changes. */
export interface Overlay {
  /** Folder in cluster/ with a kustomization. */
  name: string;
  /** Manifests that it changes, in place of @MANIFESTS@: a file, a folder or a URL. */
  manifests: string;
  /** Values for further placeholders, as in @VERSION@. */
  replacements?: Record<string, string>;
}

/** Applies a kustomization of this repository to manifests from elsewhere. */
export async function applyOverlay(
  access: ClusterAccess,
  { name, manifests, replacements = {} }: Overlay,
  args: string[],
  options: ToolOptions,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), `meshmart-${name}-`));
  try {
    cpSync(join(config.root, 'cluster', name), folder, { recursive: true });
    const isHere = existsSync(manifests);
    // kustomize reads only files in its own folder.
    if (isHere) cpSync(manifests, join(folder, basename(manifests)), { recursive: true });
    const all = { ...replacements, MANIFESTS: isHere ? basename(manifests) : manifests };
    const file = join(folder, 'kustomization.yaml');
    const fill = (text: string, [key, value]: [string, string]) => text.replaceAll(`@${key}@`, value);
    writeFileSync(file, Object.entries(all).reduce(fill, readFileSync(file, 'utf8')));
    await runKubectl(access, ['apply', ...args, '-k', folder], options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
