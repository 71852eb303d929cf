import { globSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { parse } from 'yaml';
import { findCycles } from './cycles.ts';

/** A workspace of the checkout. */
export interface Package {
  /** Without its scope, as in `local-mesh`. */
  name: string;
  /** Path in the checkout, such as `packages/local-mesh`. */
  folder: string;
  /** The file behind each name that others may import, as in `./dump`. */
  exports: Record<string, string>;
  /** Lines of its source files, and of its tests. */
  lines: number;
  testLines: number;
  imports: Import[];
}

/** An import of a file of the checkout, by another package or by the same one. */
export interface Import {
  /** The importing file. */
  file: string;
  /** The package of the imported file. */
  from: string;
  /** The exported name, as in `./dump`; undefined for an import by path. */
  part?: string;
  /** The imported file, for an import by path. */
  path?: string;
}

/** The packages that each package may import. Each names only packages that stand before it. */
type Arrows = Record<string, string[]>;

/** Faults by the rule that they break. */
export type Faults = Record<string, string[]>;

const SCOPE = '@meshmart/';
const MAX_SHARE = 0.22;
const WORKSPACES = ['{packages,services}/*/package.json', '{experiments,loadtest,e2e,tooling}/package.json'];
const SPECIFIERS = /\b(?:from|import)\s*\(?\s*'([^'\n]+)'/g;
/** Tests may use more than what they test; folders of `e2e` other than `src` hold tests. */
const isTest = (file: string) => /\/test\/|^e2e\/(?!src\/)|\.config\.ts$/.test(file);

/** Reads `arrows.yaml`. Its line `services` applies to each service, which may also import the peers that it calls. */
export function readArrows(): Arrows {
  const arrows: Arrows = parse(readFileSync(join(import.meta.dirname, 'arrows.yaml'), 'utf8'));
  const topology = parse(readFileSync(join(import.meta.dirname, '../../../topology.yaml'), 'utf8'));
  const services: Record<string, { calls: string[] }> = topology.services;
  const calleesFirst = new Set<string>();
  const add = (name: string) => {
    for (const callee of services[name]?.calls ?? []) add(callee);
    calleesFirst.add(name);
  };
  Object.keys(services).forEach(add);
  const ofServices = [...calleesFirst].map((name) => [name, services[name]?.calls ?? []] as const);
  return Object.fromEntries(
    Object.entries(arrows).flatMap(([name, others]) =>
      name === 'services'
        ? ofServices.map(([service, calls]) => [service, [...others, ...calls]] as const)
        : [[name, others] as const],
    ),
  );
}

/** @param root the checkout */
export function readPackages(root: string): Package[] {
  const folders = globSync(WORKSPACES, { cwd: root }).map((file) => file.replace('/package.json', ''));
  return folders.sort().map((folder) => readPackage(root, folder, folders));
}

function readPackage(root: string, folder: string, folders: string[]): Package {
  const { name, exports = {} } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  const files = globSync(`${folder}/**/*.ts`, {
    cwd: root,
    exclude: (path) => /(^|\/)(node_modules|generated|reports)$/.test(path),
  });
  const read: Package = {
    name: name.slice(SCOPE.length),
    folder,
    exports: exports as Record<string, string>,
    lines: 0,
    testLines: 0,
    imports: [],
  };
  for (const file of files) {
    const text = readFileSync(join(root, file), 'utf8');
    read[isTest(file) ? 'testLines' : 'lines'] += text.split('\n').length - 1;
    if (isTest(file)) continue;
    for (const [, specifier = ''] of text.matchAll(SPECIFIERS)) {
      const found = specifier.startsWith('.')
        ? findByPath(normalize(join(file, '..', specifier)), folders)
        : findByName(specifier);
      if (found) read.imports.push({ file, ...found });
    }
  }
  return read;
}

function findByName(specifier: string): Pick<Import, 'from' | 'part' | 'path'> | undefined {
  if (!specifier.startsWith(SCOPE)) return undefined;
  const [from = '', ...part] = specifier.slice(SCOPE.length).split('/');
  return { from, part: ['.', ...part].join('/') };
}

function findByPath(path: string, folders: string[]): Pick<Import, 'from' | 'part' | 'path'> | undefined {
  const other = folders.find((one) => path.startsWith(`${one}/`));
  return other ? { from: other.split('/').at(-1) as string, path } : undefined;
}

/** Returns the packages that a package imports, sorted. */
export function listImported({ name, imports }: Package): string[] {
  return [...new Set(imports.map(({ from }) => from))].filter((from) => from !== name).sort();
}

/** Finds the package with the most source lines. @returns its name, and its share of all source lines */
export function findBiggest(packages: Package[]): { name: string; share: number } {
  const all = packages.reduce((sum, { lines }) => sum + lines, 0);
  const shares = packages.map(({ name, lines }) => ({ name, share: lines / all }));
  return shares.reduce((a, b) => (b.share > a.share ? b : a));
}

/** Compares the packages with the allowed arrows and with the other rules of the checkout. */
export function findFaults(packages: Package[], arrows: Arrows): Faults {
  const order = Object.keys(arrows);
  const across = packages.flatMap(({ name, imports }) =>
    imports.filter(({ from }) => from !== name).map((one) => ({ ...one, name })),
  );
  const biggest = findBiggest(packages);
  return {
    'packages that arrows.yaml lacks': packages.map(({ name }) => name).filter((name) => !arrows[name]),
    'upward arrows': order.flatMap((name, place) =>
      (arrows[name] ?? [])
        .filter((other) => !order.slice(0, place).includes(other))
        .map((other) => `arrows.yaml: ${name} imports ${other}, which does not stand before it`),
    ),
    'imports that arrows.yaml does not allow': across
      .filter(({ name, from }) => !arrows[name]?.includes(from))
      .map(({ file, name, from }) => `${file} imports ${from}, which arrows.yaml does not allow to ${name}`),
    'unused arrows': packages
      .filter(({ folder }) => !folder.startsWith('services/'))
      .flatMap((one) => {
        const imported = listImported(one);
        return (arrows[one.name] ?? [])
          .filter((other) => !imported.includes(other))
          .map((other) => `arrows.yaml: ${one.name} does not import ${other}`);
      }),
    'imports of unexported files': across
      .filter(({ file, part, from }) => !isForK6(file, part) && !exportsOf(packages, from)[part ?? ''])
      .map(
        ({ file, part, from }) => `${file} imports ${part ?? 'a file'} of ${from}, which does not export it`,
      ),
    'import cycles between files': findCycles(readGraph(packages)).map((files) => files.join(' → ')),
    [`packages over ${100 * MAX_SHARE} %`]:
      biggest.share > MAX_SHARE ? [`${biggest.name} has ${(100 * biggest.share).toFixed(1)} %`] : [],
  };
}

function exportsOf(packages: Package[], name: string): Record<string, string> {
  return packages.find((one) => one.name === name)?.exports ?? {};
}

/** k6 resolves no package names, only paths. */
function isForK6(file: string, part: string | undefined): boolean {
  return part === undefined && /^(loadtest|experiments)\//.test(file);
}

/** Returns the files that each file imports, types included. */
function readGraph(packages: Package[]): Map<string, string[]> {
  const graph = new Map<string, string[]>();
  for (const { file, from, part, path } of packages.flatMap(({ imports }) => imports)) {
    const target = packages.find(({ name }) => name === from);
    const imported = path ?? normalize(join(target?.folder ?? '', target?.exports[part ?? ''] ?? ''));
    graph.set(file, [...(graph.get(file) ?? []), imported]);
  }
  return graph;
}
