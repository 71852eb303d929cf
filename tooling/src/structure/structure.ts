import { globSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { parse } from 'yaml';

/** A workspace of the checkout. */
export interface Package {
  /** Without its scope, as in `local-mesh`. */
  name: string;
  /** Its folder, as in `packages/local-mesh`. */
  folder: string;
  /** What others may import of it, as in `./dump`. */
  exports: string[];
  /** Lines of its own source files. */
  lines: number;
  imports: Import[];
}

/** One import of another package. */
export interface Import {
  /** The file that imports. */
  file: string;
  /** The other package. */
  from: string;
  /** What of it, as in `./dump`; undefined where a path leads there, past its exports. */
  part?: string;
}

/** Package by package, what it may import; each names only packages that stand before it. */
export type Arrows = Record<string, string[]>;

const scope = '@meshmart/';
const workspaces = '{packages,services}/*/package.json';
const toplevel = '{experiments,loadtest,e2e,tooling}/package.json';
const specifiers = /(?:\bfrom|\bimport)\s*\(?\s*'([^'\n]+)'/g;
/** Tests may use more than what they test; folders of `e2e` other than `src` hold tests. */
const isTest = (file: string) => /\/test\/|^e2e\/(?!src\/)|\.config\.ts$/.test(file);

/** Reads `arrows.yaml`. Its line `services` is for each service, which may also import the peers that it calls by `topology.yaml`. */
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
  const folders = globSync([workspaces, toplevel], { cwd: root }).map((file) =>
    file.replace('/package.json', ''),
  );
  return folders.sort().map((folder) => readPackage(root, folder, folders));
}

function readPackage(root: string, folder: string, folders: string[]): Package {
  const { name, exports = {} } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  const files = globSync(`${folder}/**/*.ts`, {
    cwd: root,
    exclude: (path) => /(^|\/)(node_modules|generated|reports)$/.test(path),
  }).filter((file) => !isTest(file));
  const own = { name: name.slice(scope.length), folder, exports: Object.keys(exports) };
  let lines = 0;
  const imports = files.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    lines += text.split('\n').length - 1;
    return [...text.matchAll(specifiers)].flatMap(([, specifier = '']) => {
      const found = specifier.startsWith('.')
        ? findByPath(normalize(join(file, '..', specifier)), folder, folders)
        : findByName(specifier);
      return found && found.from !== own.name ? [{ file, ...found }] : [];
    });
  });
  return { ...own, lines, imports };
}

function findByName(specifier: string): Omit<Import, 'file'> | undefined {
  if (!specifier.startsWith(scope)) return undefined;
  const [from = '', ...part] = specifier.slice(scope.length).split('/');
  return { from, part: ['.', ...part].join('/') };
}

function findByPath(path: string, folder: string, folders: string[]): Omit<Import, 'file'> | undefined {
  const other = folders.find((one) => one !== folder && path.startsWith(`${one}/`));
  return other ? { from: other.split('/').at(-1) as string } : undefined;
}

/** Holds the packages against the allowed arrows. @returns what is wrong, as sentences; empty when nothing is */
export function findStructureFaults(packages: Package[], arrows: Arrows): string[] {
  const order = Object.keys(arrows);
  const upward = order.flatMap((name, place) =>
    (arrows[name] ?? [])
      .filter((other) => order.indexOf(other) >= place || order.indexOf(other) < 0)
      .map((other) => `arrows.yaml: ${name} may import only what stands before it, and ${other} does not`),
  );
  const unknown = packages
    .filter(({ name }) => !arrows[name])
    .map(({ name }) => `arrows.yaml has no ${name}`);
  const unused = order.flatMap((name) => {
    const { folder = '', imports = [] } = packages.find((one) => one.name === name) ?? {};
    if (folder.startsWith('services/')) return [];
    const used = new Set(imports.map(({ from }) => from));
    return (arrows[name] ?? [])
      .filter((other) => !used.has(other))
      .map((other) => `arrows.yaml: ${name} does not import ${other}`);
  });
  const forbidden = packages.flatMap(({ name, imports }) =>
    imports
      .filter(({ from }) => !arrows[name]?.includes(from))
      .map(({ file, from }) => `${file} imports ${from}, which arrows.yaml does not allow to ${name}`),
  );
  const hidden = packages.flatMap(({ imports }) =>
    imports
      .filter(({ from, part }) => !packages.find(({ name }) => name === from)?.exports.includes(part ?? ''))
      .filter(({ file, part }) => part !== undefined || !isForK6(file))
      .map(
        ({ file, from, part }) => `${file} imports ${part ?? 'a file'} of ${from}, which does not export it`,
      ),
  );
  return [...upward, ...unknown, ...unused, ...forbidden, ...hidden];
}

/** k6 resolves no package names, only paths. */
function isForK6(file: string): boolean {
  return /^(loadtest|experiments)\//.test(file);
}
