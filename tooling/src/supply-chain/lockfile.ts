import { readFileSync } from 'node:fs';

/** One entry of `packages` in package-lock.json (lockfileVersion 3), as far as it is read here. */
export interface LockedPackage {
  version?: string;
  resolved?: string;
  integrity?: string;
  license?: string;
  /** A workspace, which `resolved` names by its folder. */
  link?: boolean;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

/** By path: `node_modules/fastify`, `services/order`. */
export type Lockfile = Record<string, LockedPackage>;

export function readLockfile(file: string): Lockfile {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

/** The entries that came from a registry, by path. */
export function listInstalled(lockfile: Lockfile): [string, LockedPackage][] {
  return Object.entries(lockfile).filter(([path, { link }]) => path.includes('node_modules/') && !link);
}

/** What makes an installation other than what was looked at, or bound to one registry; empty when nothing does. */
export function findLockfileFaults(lockfile: Lockfile): string[] {
  const unhashed = listInstalled(lockfile).flatMap(([path, { integrity, resolved }]) => [
    ...(integrity?.startsWith('sha512-') ? [] : [`${path} has no SHA-512 hash`]),
    // npm leaves out where a package of the registry came from (.npmrc), so what is there is something else.
    ...(resolved === undefined ? [] : [`${path} comes from ${resolved}, which is not "the registry"`]),
  ]);
  const foreign = Object.entries(lockfile).flatMap(([path, entry]) =>
    Object.entries({ ...entry.dependencies, ...entry.devDependencies, ...entry.optionalDependencies })
      .filter(([, wanted]) => !wanted.startsWith('npm:') && /[:/]/.test(wanted))
      .map(([name, wanted]) => `${path || 'the root'} wants ${name} from ${wanted}`),
  );
  return [...unhashed, ...foreign];
}

/**
 * All packages from a registry that a workspace can load in production: its dependencies and theirs, with those that exist for
 * other platforms only, and without optional peers, which are there for the sake of development. @returns their paths
 */
export function listProduction(lockfile: Lockfile, workspace: string): string[] {
  const seen = new Set<string>();
  const waiting = [workspace];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const entry = lockfile[path];
    if (!entry || seen.has(path)) continue;
    seen.add(path);
    const peers = Object.keys(entry.peerDependencies ?? {}).filter(
      (name) => !entry.peerDependenciesMeta?.[name]?.optional,
    );
    const wanted = [...Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }), ...peers];
    for (const name of wanted) waiting.push(findFrom(lockfile, path, name) ?? '');
  }
  return [...seen].filter((path) => path.includes('node_modules/')).sort();
}

/** As Node looks for it: in the `node_modules` of the folder, then of each one above. */
function findFrom(lockfile: Lockfile, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    const path = `${folder && `${folder}/`}node_modules/${name}`;
    const entry = lockfile[path];
    if (entry) return entry.link ? entry.resolved : path;
    if (folder === '') return undefined;
  }
}
