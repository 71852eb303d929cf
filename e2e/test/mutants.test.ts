import { readlinkSync, rmSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { INVARIANTS } from '@meshmart/consistency-checker/check';
import { runTool, ToolFailedError } from '@meshmart/processes/run-tool';
import { makeTemporaryFolder } from '@meshmart/test-support/temporary-folder';
import { config } from '@meshmart/toolchain/config';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyCheckout } from '../src/mutants/copy-checkout.ts';
import { applyMutant, changedFiles, type Mutant, readMutants } from '../src/mutants/mutants.ts';

const mutants = readMutants(join(config.root, 'experiments/chaos-checkout/mutants'));
const folder = makeTemporaryFolder();
const copy = join(folder, 'copy');

beforeAll(() => copyCheckout(config.root, copy));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('each mutant states its defect and the invariant that must catch it', () => {
  expect(mutants).not.toEqual([]);
  for (const { what } of mutants) expect(what).toMatch(/^[A-Z].+\.$/);
  const known = INVARIANTS.map(({ name }) => name);
  expect(mutants.filter(({ caughtBy }) => !known.includes(caughtBy)).map(({ name }) => name)).toEqual([]);
});

test("a copy's links lead to the same places within the copy", () => {
  const link = 'charts/store/charts/postgres';
  expect(readlinkSync(join(copy, link))).toBe(readlinkSync(join(config.root, link)));
});

/** Any test would catch a mutant that does not compile. Mutants without a file in common are compiled together. */
test.each(together(mutants))('the mutants apply and compile: %s', { timeout: 180_000 }, async (_, group) => {
  const files = group.flatMap(changedFiles);
  for (const mutant of group) applyMutant(mutant, copy);
  try {
    const services = new Set(files.map((file) => file.split('/').slice(0, 2).join('/')));
    for (const service of services) expect(await typeCheck(service)).toBe('');
  } finally {
    for (const file of files) await cp(join(config.root, file), join(copy, file));
  }
});

function together(left: Mutant[]): [string, Mutant[]][] {
  if (left.length === 0) return [];
  const chosen: Mutant[] = [];
  for (const mutant of left) {
    const taken = chosen.flatMap(changedFiles);
    if (!changedFiles(mutant).some((file) => taken.includes(file))) chosen.push(mutant);
  }
  const names = chosen.map(({ name }) => name).join(', ');
  return [[names, chosen], ...together(left.filter((mutant) => !chosen.includes(mutant)))];
}

/** @returns the output of the compiler */
async function typeCheck(service: string): Promise<string> {
  const compiler = join(config.root, 'node_modules/typescript/bin/tsc');
  const run = runTool(process.execPath, [compiler, '--noEmit', '-p', join(copy, service)]);
  return await run.catch((error: unknown) => {
    if (error instanceof ToolFailedError) return error.output;
    throw error;
  });
}

test('a mutant that does not apply is an error', () => {
  const [mutant] = mutants;
  if (!mutant) throw new Error('there is none');
  applyMutant(mutant, copy);
  expect(() => applyMutant(mutant, copy)).toThrow(
    `${mutant.name}.patch does not fit ${changedFiles(mutant)[0]} any more`,
  );
});
