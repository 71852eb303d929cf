import { type Lockfile, listProduction } from './lockfile.ts';

/** Licences that allow use, change and sale, and require no more than naming the authors. */
const allowedLicences = ['MIT', 'Apache-2.0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0'];

/** Lists the production packages of each service, and of all together. @returns paths in the lockfile */
export function listByService(lockfile: Lockfile): Map<string, string[]> {
  const services = Object.keys(lockfile).filter((path) => /^services\/[^/]+$/.test(path));
  const byService = services.map(
    (path) => [path.slice('services/'.length), listProduction(lockfile, path)] as const,
  );
  const all = [...new Set(byService.flatMap(([, paths]) => paths))];
  return new Map([...byService, ['all services', all]]);
}

/** Counts the packages of each licence, the most frequent first. */
export function countLicences(lockfile: Lockfile, paths: string[]): Map<string, number> {
  const byLicence = Map.groupBy(paths, (path) => lockfile[path]?.license ?? 'none');
  return new Map([...byLicence].map(([name, of]) => [name, of.length] as const).sort((a, b) => b[1] - a[1]));
}

/**
 * Finds what gets no security fixes any more.
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

/** Finds packages whose licence is not allowed. @returns a sentence for each */
export function findLicenceFaults(lockfile: Lockfile, paths: string[]): string[] {
  return paths
    .map((path) => [path, lockfile[path]?.license ?? 'no licence'] as const)
    .filter(([, licence]) => !allowedLicences.includes(licence))
    .map(([path, licence]) => `${path} is under ${licence}, which is not on the list`);
}
