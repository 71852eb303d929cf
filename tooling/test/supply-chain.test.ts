import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { config } from '@meshmart/toolchain/config';
import { expect, test } from 'vitest';
import { findLockfileFaults, findUnsupported, readLockfile } from '../src/supply-chain.ts';

const integrity = `sha512-${'A'.repeat(86)}==`;
const good = { version: '1.0.0', license: 'MIT', integrity };

test('every locked package has its hash, its origin and its licence', () => {
  expect(findLockfileFaults(readLockfile(join(config.root, 'package-lock.json')))).toEqual([]);
});

test("installing runs no package's own scripts", () => {
  expect(readFileSync(join(config.root, '.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m);
});

test.each([
  ['no hash', { ...good, integrity: undefined }, 'node_modules/a has no SHA-512 hash'],
  ['an old hash', { ...good, integrity: 'sha1-AAAA' }, 'node_modules/a has no SHA-512 hash'],
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
  [
    'a licence that is not allowed',
    { ...good, license: 'GPL-3.0-only' },
    'node_modules/a is under GPL-3.0-only, which is not on the list',
  ],
  [
    'no licence',
    { ...good, license: undefined },
    'node_modules/a is under no licence, which is not on the list',
  ],
])('a lockfile with %s is found', (_, entry, fault) => {
  const packages = JSON.parse(JSON.stringify({ '': {}, 'node_modules/a': entry }));
  expect(findLockfileFaults(packages)).toEqual([fault]);
});

test('a package for development alone may have any licence', () => {
  const entry = { ...good, license: 'GPL-3.0-only', dev: true };
  expect(findLockfileFaults({ 'node_modules/a': entry })).toEqual([]);
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
