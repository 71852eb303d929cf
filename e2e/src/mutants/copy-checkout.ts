import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Folders that a copy does not share with the checkout. */
const LEFT_BEHIND = new Set(['node_modules', '.git', '.meshmart', '.turbo', 'reports']);

/**
 * Copies a checkout with uncommitted changes and generated code into a new folder. The copy shares the installed
 * third-party packages, and uses its own workspaces.
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

/** Lists the installed modules without the caches of tools. */
function readModules(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => !/^\.(cache|vite|vite-temp)$/.test(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Copies npm's links to workspaces. They are relative, and so lead to the workspaces of the copy. */
function linkWorkspaces(source: string, target: string): void {
  cpSync(source, target, { recursive: true, verbatimSymlinks: true });
}
