import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { entry } from '@meshmart/test-support/run-entry';
import { config } from '@meshmart/toolchain/config';
import { afterAll, beforeAll, expect, test } from 'vitest';

const experiments = globSync('experiments/*/experiment.ts', { cwd: config.root })
  .map((file) => basename(dirname(file)))
  .sort();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mm-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the command, and returns its exit code and output. */
function runCommand(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [entry, 'experiment', ...args], (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

test('lists the experiments, one line each, when none is named', async () => {
  const { code, stdout } = await runCommand();
  expect(code).toBe(0);
  const lines = stdout.split('\n');
  expect(stdout).toMatch(/^canary +sends 10 % of the product traffic to v2$/m);
  const names = lines.slice(0, lines.indexOf('')).map((line) => line.split(' ')[0]);
  expect(names).toEqual(experiments);
});

test('refuses an unknown name with the known ones, before anything starts', async () => {
  const { code, stdout, stderr } = await runCommand('canry', '--json', join(folder, 'never.json'));
  expect(stderr).toBe(`error: there is no experiment "canry"; choose one of ${experiments.join(', ')}\n`);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  await expect(readFile(join(folder, 'never.json'))).rejects.toThrow('ENOENT');
});

test('refuses a folder without an experiment', async () => {
  const { code, stderr } = await runCommand(folder);
  expect(stderr).toContain(`${folder} has no experiment.ts`);
  expect(code).toBe(2);
});

test('refuses an unwritable result file before anything starts', async () => {
  await writeFile(join(folder, 'file'), '');
  const { code, stdout, stderr } = await runCommand('canary', '--json', join(folder, 'file/outcome.json'));
  expect(stderr).toMatch(/^error: --json: ENOTDIR/);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});

test.each([
  [['canary', '--on', 'moon'], /Allowed choices are local, cluster/],
  [['chaos-checkout', '--on', 'cluster'], /^error: chaos-checkout runs on local, not on cluster\n$/],
  [['canary', '--mesh', 'linkerd'], /Allowed choices are istio/],
  [['canary', 'outcome.json'], /too many arguments/],
  [['canary', '--jason', 'x'], /unknown option '--jason'/],
  [['canary', '--observe', '1.5'], /whole number from 1 to 86400/],
  [['canary', '--seed', '-1'], /whole number from 0 to 2147483647/],
])('refuses %j with the reason', async (args, reason) => {
  const { code, stderr } = await runCommand(...args);
  expect(stderr).toMatch(reason);
  expect(code).toBe(2);
});
