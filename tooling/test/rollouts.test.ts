import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { config } from '@meshmart/toolchain/config';
import { K6_IMAGE } from '@meshmart/toolchain/k6';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

interface Route {
  name?: string;
  route: { destination: { host: string; subset?: string }; weight?: number }[];
}
interface Resource {
  kind: string;
  metadata: { name: string };
  spec: { http?: Route[]; subsets?: { name: string; labels: object }[] };
}
interface Rollout {
  strategy: string;
  routes?: Record<string, string[]>;
}

const folder = (name: string) => join(config.root, 'mesh', name);
const read = (path: string) => readFileSync(join(config.root, path), 'utf8');
const resourcesOf = (name: string, file: string): Resource[] =>
  parseAllDocuments(readFileSync(join(folder(name), file), 'utf8')).map((document) => document.toJS());
const files = readdirSync(folder('istio'));
const own = files.filter((file) => !lstatSync(join(folder('rollouts'), file)).isSymbolicLink());

const environment = parse(read('argocd/applications/values-rollouts.yaml'));
const rollouts = Object.entries(
  environment.applications as Record<string, { values?: { rollout?: Rollout } }>,
).flatMap(([service, { values }]) => (values?.rollout ? [{ service, ...values.rollout }] : []));
const canaries = rollouts.filter(({ strategy }) => strategy === 'canary');

test('mesh/rollouts differs from mesh/istio only in names and destinations of routes', () => {
  expect(readdirSync(folder('rollouts'))).toEqual(files);
  const withoutVersions = ({ spec, ...resource }: Resource) => {
    const { subsets: _, http, ...rest } = spec;
    const routes = http?.map(({ name: __, route, ...more }) => {
      return { ...more, hosts: [...new Set(route.map(({ destination }) => destination.host))] };
    });
    return { ...resource, spec: { ...rest, http: routes } };
  };
  for (const file of own) {
    const [rollout, standing] = ['rollouts', 'istio'].map((name) =>
      resourcesOf(name, file).map(withoutVersions),
    );
    expect(rollout, file).toEqual(standing);
  }
});

test('the routes and subsets of each canary exist, with all weight on the stable one', () => {
  const resources = own.flatMap((file) => resourcesOf('rollouts', file));
  const weighted = resources.flatMap(({ metadata, spec }) =>
    (spec.http ?? [])
      .filter(({ route }) => route.length > 1)
      .map(({ name, route }) => ({ where: `${metadata.name}/${name}`, route })),
  );
  const expected = canaries.flatMap(({ service, routes = {} }) =>
    Object.entries(routes).flatMap(([virtualService, names]) =>
      (names.length > 0 ? names : [undefined]).map((name) => ({
        where: `${virtualService}/${name}`,
        route: [
          { destination: { host: service, subset: 'stable' }, weight: 100 },
          { destination: { host: service, subset: 'canary' }, weight: 0 },
        ],
      })),
    ),
  );
  const byPlace = (a: { where: string }, b: { where: string }) => a.where.localeCompare(b.where);
  expect(weighted.sort(byPlace)).toEqual(expected.sort(byPlace));
  expect([...environment.rolloutManagedRoutes].sort()).toEqual(
    [...new Set(weighted.map(({ where }) => where.split('/')[0]))].sort(),
  );
  for (const { service } of canaries) {
    const rule = resources.find(
      ({ kind, metadata }) => kind === 'DestinationRule' && metadata.name === service,
    );
    expect(rule?.spec.subsets).toEqual(
      ['stable', 'canary'].map((name) => ({ name, labels: { app: service } })),
    );
  }
});

test('analyses run the pinned k6', () => {
  expect(parse(read('charts/service/values.yaml')).rollout.k6Image).toBe(K6_IMAGE);
});
