import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

/** What belongs to a checkout only as long as it lies where it is. */
const LEFT_BEHIND = new Set(['node_modules', '.git', '.meshmart', '.turbo', 'reports']);

/**
 * Copies a checkout with all its uncommitted changes and its generated code into a folder that does not exist yet. The copy
 * shares what is installed from outside, and runs its own packages.
 */
export function copyCheckout(root: string, copy: string): void {
  const filter = (path: string) => !LEFT_BEHIND.has(basename(path));
  cpSync(root, copy, { recursive: true, verbatimSymlinks: true, filter });
  linkModules(root, copy);
  for (const group of ['packages', 'services']) {
    for (const name of readdirSync(join(root, group)))
      linkModules(join(root, group, name), join(copy, group, name));
  }
}

function linkModules(from: string, to: string): void {
  const [source, target] = [join(from, 'node_modules'), join(to, 'node_modules')];
  mkdirSync(target);
  for (const name of readModules(source)) {
    if (name === '@meshmart') linkWorkspaces(join(source, name), join(target, name));
    else symlinkSync(join(source, name), join(target, name));
  }
}

/** Caches of tools lie among the modules, and belong to the checkout. */
function readModules(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => !/^\.(cache|vite|vite-temp)$/.test(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** npm links a workspace by a relative path, which is right in the copy as well. */
function linkWorkspaces(source: string, target: string): void {
  cpSync(source, target, { recursive: true, verbatimSymlinks: true });
}
