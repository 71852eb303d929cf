import { config } from '@meshmart/toolchain/config';
import { expect, test } from 'vitest';
import { findStructureFaults, type Package, readArrows, readPackages } from '../src/structure/structure.ts';

const arrows = readArrows();
const packages = readPackages(config.root);
const change = (name: string, changed: Partial<Package>) =>
  packages.map((one) => (one.name === name ? { ...one, ...changed } : one));

test('every package imports what arrows.yaml allows, and nothing that is not exported', () => {
  expect(packages.length).toBeGreaterThan(20);
  expect(findStructureFaults(packages, arrows)).toEqual([]);
});

test('no package has more than 22 % of the lines', () => {
  const all = packages.reduce((sum, { lines }) => sum + lines, 0);
  expect(packages.filter(({ lines }) => lines > 0.22 * all).map(({ name }) => name)).toEqual([]);
});

test.each([
  [
    'an arrow that is not allowed',
    change('terminal', { imports: [{ file: 'a.ts', from: 'cli', part: './main' }] }),
    'a.ts imports cli, which arrows.yaml does not allow to terminal',
  ],
  [
    'a part that is not exported',
    change('cli', { imports: [{ file: 'a.ts', from: 'terminal', part: './config' }] }),
    'a.ts imports ./config of terminal, which does not export it',
  ],
  [
    'a path into another package',
    change('cli', { imports: [{ file: 'a.ts', from: 'terminal' }] }),
    'a.ts imports a file of terminal, which does not export it',
  ],
])('finds %s', (_what, changed, fault) => {
  expect(findStructureFaults(changed, arrows)).toContain(fault);
});

test('finds an arrow upwards in arrows.yaml itself', () => {
  expect(findStructureFaults(packages, { ...arrows, terminal: ['cli'] })).toContain(
    'arrows.yaml: terminal may import only what stands before it, and cli does not',
  );
});
