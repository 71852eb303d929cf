import { existsSync, globSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTopology, type Topology } from '@meshmart/store-client/topology';
import { config } from '@meshmart/toolchain/config';
import { parseAllDocuments } from 'yaml';

const HEAD =
  '# Written by `./meshmart generate` from topology.yaml, mesh/istio and services/*/chart-values.yaml.\n';

const STANDING_MESH = `# Istio's resources for the store. \`./meshmart cluster up\` and Argo CD apply them separately.
mesh:
  enabled: false
`;

interface Manifest {
  kind: string;
  metadata: { name: string };
  spec: { gateways?: string[]; http: Route[] };
}

interface Route {
  match?: { uri?: { exact?: string } }[];
  route?: { destination: { host: string } }[];
  delegate?: { name: string };
}

/**
 * Renders every file that lists the services of `topology.yaml`: values of the charts and Argo CD's applications. The
 * paths of an Ingress are those of the mesh's gateway. Values for one service alone are in
 * `services/<name>/chart-values.yaml`.
 *
 * @returns the files' texts by their paths in the checkout
 * @throws when a file has no such list, or `UserError` when `topology.yaml` is not valid
 */
export async function renderServiceLists(): Promise<Map<string, string>> {
  const topology = await readTopology(join(config.root, 'topology.yaml'));
  const names = Object.keys(topology.services);
  const databases = list(names.filter((name) => topology.services[name]?.database));
  const paths = readGatewayPaths();
  const values = new Map(names.map((name) => [name, renderValues(topology, name, paths.get(name))]));
  const dependencies = names.map((name) => `  - { name: service, version: 0.1.0, alias: ${name} }\n`);
  const globals = /^ {4}"global": \{\n[\s\S]*?^ {4}\}/m;
  const [schemaOfGlobals = ''] = read('charts/service/values.schema.json').match(globals) ?? [];
  return new Map([
    ...[...values].map(([name, text]) => [`charts/service/values-${name}.yaml`, HEAD + text] as const),
    ['charts/store/values.yaml', renderStoreValues(values)],
    ['charts/store/values.schema.json', renderStoreSchema(names)],
    replace('charts/store/Chart.yaml', /( {2}- \{ name: service, .*\n)+/, dependencies.join('')),
    ...['mesh', 'observability', 'postgres', 'secrets'].map((chart) =>
      replace(`charts/${chart}/values.schema.json`, globals, schemaOfGlobals),
    ),
    replace('charts/postgres/values.yaml', /^databases: .*$/m, `databases: ${databases}`),
    replace('charts/secrets/values.yaml', /^databases: .*$/m, `databases: ${databases}`),
    replace('argocd/applications/values.yaml', /^services: .*$/m, `services: ${list(names)}`),
  ]);
}

/** Lists the files of `renderServiceLists` that are not up to date, and values of services that are gone. */
export async function findStaleLists(): Promise<string[]> {
  const lists = await renderServiceLists();
  const obsolete = globSync('charts/service/values-*.yaml', { cwd: config.root }).filter(
    (path) => !lists.has(path),
  );
  return [...[...lists].filter(([path, text]) => read(path) !== text).map(([path]) => path), ...obsolete];
}

/**
 * Brings the files of `findStaleLists` up to date, and links mesh/rollouts to the files of mesh/istio that it has no
 * version of.
 *
 * @returns the paths of the files that have changed
 */
export async function writeServiceLists(): Promise<string[]> {
  const lists = await renderServiceLists();
  const stale = await findStaleLists();
  for (const path of stale) {
    const text = lists.get(path);
    if (text) writeFileSync(join(config.root, path), text);
    else rmSync(join(config.root, path));
  }
  const rollouts = readdirSync(join(config.root, 'mesh/rollouts'));
  const missing = readdirSync(join(config.root, 'mesh/istio')).filter((file) => !rollouts.includes(file));
  for (const file of missing) symlinkSync(`../istio/${file}`, join(config.root, 'mesh/rollouts', file));
  return [...stale, ...missing.map((file) => `mesh/rollouts/${file}`)];
}

function renderValues({ services, gateway }: Topology, name: string, paths: string[] | undefined): string {
  const { versions, database, calls } = services[name] as Topology['services'][string];
  const callers = [['gateway', gateway] as const, ...Object.entries(services)];
  const calledBy = callers.filter(([, caller]) => caller.calls.includes(name)).map(([caller]) => caller);
  const own = `services/${name}/chart-values.yaml`;
  return [
    `name: ${name}`,
    'versions:',
    ...Object.entries(versions).map(([version, replicas]) => `  ${version}: { replicas: ${replicas} }`),
    `database: ${database}`,
    `calls: ${list(calls)}`,
    `calledBy: ${list(calledBy)}`,
    ...(paths ? ['ingress:', `  paths: ${list(paths)}`] : []),
    read(own),
  ].join('\n');
}

/** Returns the values of each service by its name, and those that all charts share. */
function renderStoreValues(values: Map<string, string>): string {
  const sections = [...values].map(([name, text]) => `${name}:\n${text.replaceAll(/^(?=.)/gm, '  ')}\n`);
  const [, shared = ''] = read('charts/service/values.yaml').split(/^(?=global:)/m);
  return `${HEAD}\n${STANDING_MESH}\n${sections.join('')}${shared}`;
}

function renderStoreSchema(names: string[]): string {
  const file = 'charts/store/values.schema.json';
  const properties = ['global', 'mesh', 'secrets', 'postgres', ...names].map((name) => [
    name,
    { type: 'object' },
  ]);
  const schema = { ...JSON.parse(read(file)), properties: Object.fromEntries(properties) };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** @returns the exact paths that the gateway routes to each service */
function readGatewayPaths(): Map<string, string[]> {
  const files = globSync('mesh/istio/*.yaml', { cwd: config.root });
  const manifests = files.flatMap((file) =>
    parseAllDocuments(read(file)).map((document) => document.toJS() as Manifest),
  );
  const services = manifests.filter(({ kind }) => kind === 'VirtualService');
  const hostOf = ({ route, delegate }: Route): string => {
    const http = services.find(({ metadata }) => metadata.name === delegate?.name)?.spec.http ?? [];
    return route?.[0]?.destination.host ?? http.map(hostOf)[0] ?? '';
  };
  const routes = services.filter(({ spec }) => spec.gateways).flatMap(({ spec }) => spec.http);
  const byService = Map.groupBy(routes, hostOf);
  const exactPaths = ({ match = [] }: Route) => match.flatMap(({ uri }) => uri?.exact ?? []);
  return new Map([...byService].map(([name, all]) => [name, [...new Set(all.flatMap(exactPaths))]]));
}

/** Replaces the list in a file. @throws when the file has no such list */
function replace(path: string, place: RegExp, text: string): [path: string, text: string] {
  const old = read(path);
  if (!place.test(old)) throw new Error(`${path} has no line ${place}`);
  return [path, old.replace(place, text)];
}

/** @returns an empty text when there is no such file */
function read(path: string): string {
  const file = join(config.root, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** Formats a list in YAML's flow style. */
function list(items: string[]): string {
  return `[${items.join(', ')}]`;
}
