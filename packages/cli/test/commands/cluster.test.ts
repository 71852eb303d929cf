import { entry, plainEnvironment, runToEnd } from '@meshmart/test-support/run-entry';
import { expect, test } from 'vitest';

test.each([
  [['--help'], 0, /\.\/meshmart cluster up .*continue after an interruption/],
  [
    ['up', '--provider', 'k3d'],
    2,
    /'k3d' is invalid. Allowed choices are kind, minikube, from-source, existing/,
  ],
  [['up', '--name', '../etc'], 2, /up to 30 lower-case letters/],
  [['begin'], 2, /Allowed choices are up, status, down/],
])('cluster %j exits with %i and a clear line', async (args, code, message) => {
  const ended = await runToEnd(process.execPath, [entry, 'cluster', ...args], plainEnvironment);
  expect(ended.output.replaceAll(/\s+/g, ' ')).toMatch(message);
  expect(ended.code).toBe(code);
});
