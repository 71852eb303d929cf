import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { config } from '@meshmart/toolchain/config';
import { describe, expect, test } from 'vitest';
import {
  findLockfileFaults,
  type Lockfile,
  listProduction,
  readLockfile,
} from '../src/supply-chain/lockfile.ts';
import { findLicenceFaults, findUnsupported, listByService } from '../src/supply-chain/policy.ts';
import { readAdvisories, readSignatures } from '../src/supply-chain/registry-checks.ts';

const integrity = `sha512-${'A'.repeat(86)}==`;
const good = { version: '1.0.0', license: 'MIT', integrity };

describe('what is committed', () => {
  const lockfile = readLockfile(join(config.root, 'package-lock.json'));
  const byService = listByService(lockfile);

  test('every locked package has its hash and comes from the registry, whichever that is', () => {
    expect(findLockfileFaults(lockfile)).toEqual([]);
  });

  test('every production package is under a licence of the list', () => {
    expect(findLicenceFaults(lockfile, byService.get('all services') ?? [])).toEqual([]);
  });

  test("installing runs no package's own scripts", () => {
    expect(readFileSync(join(config.root, '.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m);
  });
});

test.each([
  ['no hash', { version: '1.0.0' }, 'node_modules/a has no SHA-512 hash'],
  ['an old hash', { integrity: 'sha1-AAAA' }, 'node_modules/a has no SHA-512 hash'],
  [
    'another origin',
    { ...good, resolved: 'git+ssh://git@example.com/a.git#1' },
    'node_modules/a comes from git+ssh://git@example.com/a.git#1, which is not "the registry"',
  ],
  [
    'a dependency from another origin',
    { ...good, dependencies: { b: 'github:someone/b', c: 'npm:d@^1.0.0', e: '^1.0.0' } },
    'node_modules/a wants b from github:someone/b',
  ],
])('a lockfile with %s is found', (_, entry, fault) => {
  expect(findLockfileFaults({ '': {}, 'node_modules/a': entry })).toEqual([fault]);
});

const small: Lockfile = {
  'services/order': { dependencies: { a: '1', own: '*' }, devDependencies: { tool: '1' } },
  'packages/own': { dependencies: { b: '1' } },
  'node_modules/own': { link: true, resolved: 'packages/own' },
  'node_modules/a': {
    ...good,
    peerDependencies: { p: '1', q: '1' },
    peerDependenciesMeta: { q: { optional: true } },
  },
  'node_modules/b': { ...good, dependencies: { a: '2' }, license: 'GPL-3.0-only' },
  'node_modules/b/node_modules/a': { ...good, optionalDependencies: { native: '1' } },
  'node_modules/native': { version: '1.0.0', integrity },
  'node_modules/p': good,
  'node_modules/q': good,
  'node_modules/tool': good,
};

test('what a service can load is found as Node finds it, through its own packages and without what only develops', () => {
  expect(listProduction(small, 'services/order')).toEqual([
    'node_modules/a',
    'node_modules/b',
    'node_modules/b/node_modules/a',
    'node_modules/native',
    'node_modules/p',
  ]);
});

test('a licence that is not on the list is named, and one that is missing', () => {
  expect(findLicenceFaults(small, listProduction(small, 'services/order'))).toEqual([
    'node_modules/b is under GPL-3.0-only, which is not on the list',
    'node_modules/native is under no licence, which is not on the list',
  ]);
});

test.each([
  ['{"invalid": [], "missing": []}', 'ok'],
  ['{"invalid": [{"name": "a", "version": "1.0.0"}], "missing": []}', 'bad'],
  ['{"invalid": [], "missing": [{"name": "a", "version": "1.0.0"}]}', 'bad'],
  ['{"error": {"summary": "no network"}}', 'unknown'],
  ['', 'unknown'],
])('npm audit signatures that answers %s is %s', (answer, state) => {
  expect(readSignatures(answer).state).toBe(state);
});

test.each([
  ['{"auditReportVersion": 2, "vulnerabilities": {}}', { state: 'ok' }],
  [
    '{"auditReportVersion": 2, "vulnerabilities": {"a": {"severity": "high"}}}',
    { state: 'bad', text: 'weaknesses are known of a (high)' },
  ],
  [
    '{"message": "405 Method Not Allowed", "error": {"summary": ""}}',
    { state: 'unknown', text: '405 Method Not Allowed' },
  ],
  ['<html>', { state: 'unknown' }],
])('npm audit that answers %s is judged', (answer, verdict) => {
  expect(readAdvisories(answer)).toMatchObject(verdict);
});

test('the workflow for GitHub takes every action by its commit, and states the version', () => {
  const text = readFileSync(join(config.root, '.github/workflows/ci.yaml'), 'utf8');
  const uses = text.match(/^.*\buses:.*$/gm) ?? [];
  expect(uses.length).toBeGreaterThan(4);
  for (const line of uses) expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test('finds tools past their end of life', () => {
  const versions = { old: '1.0', last: '2.0', none: '3.0' };
  const until = { old: '2026-10-27', last: '2026-11-28' };
  expect(findUnsupported(versions, until, '2026-11-28')).toEqual([
    'old 1.0 is past its end of life, 2026-10-27',
  ]);
});
