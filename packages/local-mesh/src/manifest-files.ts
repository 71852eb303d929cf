import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Whether a file of this name is a manifest: YAML, and not one that an editor keeps beside the file that is edited. */
export function isManifest(name: string): boolean {
  return /^[^.#~].*\.ya?ml$/.test(name);
}

/** Lists the manifests of a folder by name. Links that lead nowhere, and whatever is no file, are left out. */
export async function listManifests(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter(isManifest).sort();
  const paths = names.map((name) => join(folder, name));
  const found = await Promise.all(paths.map((path) => stat(path).catch(ignoreDangling)));
  return paths.filter((_, index) => found[index]?.isFile());
}

function ignoreDangling(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ELOOP') throw error;
}
