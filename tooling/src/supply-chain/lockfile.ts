import { readFileSync } from 'node:fs';

/** The parts read here of an entry of `packages` in package-lock.json (lockfileVersion 3). */
export interface LockedPackage {
  version?: string;
  resolved?: string;
  integrity?: string;
  license?: string;
  /** True for a link to a workspace, whose folder is in `resolved`. */
  link?: boolean;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

/** Entries by path, as in `node_modules/fastify` and `services/order`. */
export type Lockfile = Record<string, LockedPackage>;

export function readLockfile(file: string): Lockfile {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

/** Lists the entries that come from a registry. */
export function listInstalled(lockfile: Lockfile): [string, LockedPackage][] {
  return Object.entries(lockfile).filter(([path, { link }]) => path.includes('node_modules/') && !link);
}

/** Finds entries that could be installed with other contents, or that need a certain registry. */
export function findLockfileFaults(lockfile: Lockfile): string[] {
  const unhashed = listInstalled(lockfile).flatMap(([path, { integrity, resolved }]) => [
    ...(integrity?.startsWith('sha512-') ? [] : [`${path} has no SHA-512 hash`]),
    // npm omits the URL of packages from the registry (.npmrc), so that any URL is of another origin.
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
 * Lists the packages that a workspace can load in production: direct and indirect dependencies, also for other
 * platforms, without optional peers, which only development needs. @returns their paths
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

/** Resolves a package like Node: in the `node_modules` of the folder, then of each parent. */
function findFrom(lockfile: Lockfile, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    const path = `${folder && `${folder}/`}node_modules/${name}`;
    const entry = lockfile[path];
    if (entry) return entry.link ? entry.resolved : path;
    if (folder === '') return undefined;
  }
}
