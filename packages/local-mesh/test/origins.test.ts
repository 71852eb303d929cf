import { expect, test } from 'vitest';
import { findOrigins, withOrigin } from '../src/origins.ts';
import type { Resource } from '../src/resource.ts';

const rule = (name: string): Resource<unknown> => ({
  kind: 'VirtualService',
  name,
  spec: {},
  file: 'istio.yaml',
  line: 1,
  lineOf: () => 1,
});
const route = (name: string, regex: string) => withOrigin({ regex }, rule(name), 'spec.http[0]');
const routesOf = (...routes: object[]) => [{ name: '80', virtual_hosts: [{ routes: [] }, { routes }] }];
const found = (after: object[], reason: string, before: object[] = []) =>
  findOrigins(routesOf(...after), routesOf(...before), reason).map(({ resource }) => resource.name);

test('finds the new part', () => {
  expect(found([route('a', 'x'), route('b', '(')], 'no', [route('a', 'x'), route('b', 'y')])).toEqual(['b']);
});

test('finds all new parts when the reason does not distinguish them', () => {
  expect(found([route('a', 'x'), route('b', 'y')], 'not this time')).toEqual(['a', 'b']);
});

test('finds the part by the path in the reason', () => {
  const reason =
    'RouteConfigurationValidationError.VirtualHosts[1]: failed | caused by VirtualHostValidationError.Routes[1]: failed';
  expect(found([route('a', 'x'), route('b', 'y')], reason)).toEqual(['b']);
});

test('finds the part by the value at the end of the reason', () => {
  expect(found([route('a', 'x'), route('b', '(("')], 'missing ): (("')).toEqual(['b']);
});

test('finds the part by the name of its cluster', () => {
  const clusters = ['a', 'b'].map((name) => withOrigin({ name: `outbound|80||${name}` }, rule(name), 'spec'));
  const reason = 'Error adding/updating cluster(s) outbound|80||b: malformed';
  expect(findOrigins(clusters, [], reason).map(({ resource }) => resource.name)).toEqual(['b']);
});

test('finds every field that contributed to a part', () => {
  const part = withOrigin({ regex: '(' }, rule('delegate'), 'spec', [
    { resource: rule('root'), field: 'spec' },
  ]);
  expect(found([part], 'no')).toEqual(['delegate', 'root']);
});
