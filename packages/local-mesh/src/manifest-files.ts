import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Tells whether a file's name is that of a manifest: a YAML file, and no backup or lock of an editor. */
export function isManifest(name: string): boolean {
  return /^[^.#~].*\.ya?ml$/.test(name);
}

/** Lists the paths of a folder's manifests by name, without dangling links. @throws when the folder is unreadable */
export async function listManifests(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter(isManifest).sort();
  const paths = names.map((name) => join(folder, name));
  const found = await Promise.all(paths.map((path) => stat(path).catch(ignoreDangling)));
  return paths.filter((_, index) => found[index]?.isFile());
}

function ignoreDangling(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ELOOP') throw error;
}
