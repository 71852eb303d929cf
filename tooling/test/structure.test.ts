import { config } from '@meshmart/toolchain/config';
import { expect, test } from 'vitest';
import {
  findFaults,
  type Import,
  type Package,
  readArrows,
  readPackages,
} from '../src/structure/structure.ts';

const arrows = readArrows();
const packages = readPackages(config.root);
const change = (name: string, changed: Partial<Package>) =>
  packages.map((one) => (one.name === name ? { ...one, ...changed } : one));
const addImports = (name: string, ...imports: Import[]) =>
  packages.map((one) => (one.name === name ? { ...one, imports: [...one.imports, ...imports] } : one));

test('the checkout breaks no rule', () => {
  expect(packages.length).toBeGreaterThan(20);
  expect(Object.values(findFaults(packages, arrows)).flat()).toEqual([]);
});

test.each([
  [
    'imports that arrows.yaml does not allow',
    addImports('terminal', { file: 'a.ts', from: 'cli', part: './main' }),
    'a.ts imports cli, which arrows.yaml does not allow to terminal',
  ],
  [
    'imports of unexported files',
    addImports('cli', { file: 'a.ts', from: 'terminal', part: './config' }),
    'a.ts imports ./config of terminal, which does not export it',
  ],
  [
    'imports of unexported files',
    addImports('cli', { file: 'a.ts', from: 'terminal', path: 'packages/terminal/src/config.ts' }),
    'a.ts imports a file of terminal, which does not export it',
  ],
  [
    'import cycles between files',
    addImports(
      'cli',
      { file: 'a.ts', from: 'terminal', part: './table' },
      { file: 'packages/terminal/src/table.ts', from: 'cli', path: 'a.ts' },
    ),
    'packages/terminal/src/table.ts → a.ts → packages/terminal/src/table.ts',
  ],
  [
    'packages over 22 %',
    change('terminal', { lines: 20_000 }),
    expect.stringMatching(/^terminal has \d+\.\d %/),
  ],
])('finds %s', (rule, changed, fault) => {
  expect(findFaults(changed, arrows)[rule]).toEqual([fault]);
});

test('finds an upward arrow', () => {
  expect(findFaults(packages, { ...arrows, terminal: ['cli'] })['upward arrows']).toEqual([
    'arrows.yaml: terminal imports cli, which does not stand before it',
  ]);
});
