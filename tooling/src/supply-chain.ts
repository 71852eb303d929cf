import { readFileSync } from 'node:fs';

/** The parts read here of an entry of `packages` in package-lock.json (lockfileVersion 3). */
interface LockedPackage {
  version?: string;
  resolved?: string;
  integrity?: string;
  license?: string;
  /** True for a link to a workspace. */
  link?: boolean;
  /** True if no workspace needs it in production, or only as an optional peer. */
  dev?: boolean;
  devOptional?: boolean;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/** Entries by path, as in `node_modules/fastify` and `services/order`. */
type Lockfile = Record<string, LockedPackage>;

/** Licences that allow use, change and sale, and require no more than naming the authors. */
const allowedLicences = ['MIT', 'Apache-2.0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0'];

export function readLockfile(file: string): Lockfile {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

/**
 * Finds packages that could be installed with other contents, or that need a certain registry, and production packages
 * whose licence is not allowed. @returns a sentence for each
 */
export function findLockfileFaults(lockfile: Lockfile): string[] {
  const installed = Object.entries(lockfile).filter(
    ([path, { link }]) => path.includes('node_modules/') && !link,
  );
  const faults = installed.flatMap(([path, entry]) => [
    ...(entry.integrity?.startsWith('sha512-') ? [] : [`${path} has no SHA-512 hash`]),
    // npm omits the URL of packages from the registry (.npmrc), so that any URL is of another origin.
    ...(entry.resolved === undefined
      ? []
      : [`${path} comes from ${entry.resolved}, which is not "the registry"`]),
    ...(entry.dev || entry.devOptional || allowedLicences.includes(entry.license ?? '')
      ? []
      : [`${path} is under ${entry.license ?? 'no licence'}, which is not on the list`]),
  ]);
  const foreign = Object.entries(lockfile).flatMap(([path, entry]) =>
    Object.entries({ ...entry.dependencies, ...entry.devDependencies, ...entry.optionalDependencies })
      .filter(([, wanted]) => !wanted.startsWith('npm:') && /[:/]/.test(wanted))
      .map(([name, wanted]) => `${path || 'the root'} wants ${name} from ${wanted}`),
  );
  return [...faults, ...foreign];
}

/**
 * Finds tools that get no security fixes any more.
 *
 * @param today as in `2026-11-28`
 * @returns a sentence for each
 */
export function findUnsupported(
  versions: Record<string, string>,
  supportedUntil: Record<string, string>,
  today: string,
): string[] {
  return Object.entries(supportedUntil)
    .filter(([, date]) => date < today)
    .map(([name, date]) => `${name} ${versions[name]} is past its end of life, ${date}`);
}
