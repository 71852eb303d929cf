import { existsSync, rmSync } from 'node:fs';
import { readClusterState, stateFolder } from '@meshmart/cluster/cluster-state';
import { runTool } from '@meshmart/processes/run-tool';
import { writeExecutable } from '@meshmart/test-support/executable';
import { config } from '@meshmart/toolchain/config';
import { describe, expect, test } from 'vitest';
import { findRunningCluster } from '../src/running.ts';
import { setUp } from './stand-ins.ts';

const existing = ['--provider', 'existing', '--context', 'staging'];
const changes = /create|start|apply|install|delete/;

test('"up" deploys the last commit by Argo CD and is safe to repeat, and "down" leaves nothing', async () => {
  const { name, port, run, serveAfter, takeCalls, file } = await setUp();
  const served = serveAfter('kind create');
  const up = await run('up', '--port', String(port)); // kind is the first provider that this PATH has
  await served;
  expect(up.code, up.output).toBe(0);
  expect(up.output).toContain(`http://127.0.0.1:${port}/shop\n`);
  expect(findRunningCluster(name)).toMatchObject({ name, gatewayUrl: `http://127.0.0.1:${port}` });
  const head = await runTool('git', ['-C', config.root, 'rev-parse', 'HEAD']);
  expect(await runTool('git', ['--git-dir', file('store.git'), 'rev-parse', 'main'])).toBe(head);

  takeCalls();
  const again = await run('up');
  expect(again.code, again.output).toBe(0);
  expect(takeCalls().filter((call) => /kind create|docker build/.test(call))).toEqual([]);

  const helm = await run('up', '--no-gitops');
  expect(helm.output).toMatch(/Argo CD deploys.* --gitops/);
  expect(helm.code).toBe(1);

  const down = await run('down');
  expect(down.code, down.output).toBe(0);
  expect(existsSync(file('clusters'))).toBe(false);
  expect(existsSync(stateFolder(name))).toBe(false);
  expect(existsSync(file('.kube')), "the user's own kubeconfig").toBe(false);
});

test.each([
  { provider: ['--provider', 'kind'], begin: 'kind create*', end: 'kind delete*' },
  { provider: ['--provider', 'minikube'], begin: 'minikube start*', end: 'minikube delete*' },
  {
    provider: [...existing, '--tag', 't'],
    begin: '*rollout status deployment/istiod*',
    end: '*delete namespace istio-system*',
  },
])('$provider resumes after an interruption, and "down" removes what "up" has left', async (one) => {
  const { name, port, run, interruptAt, serveAfter, file } = await setUp();
  const args = [...one.provider, '--port', String(port), '--no-gitops'];
  await interruptAt(one.begin, 'up', ...args);
  expect((await run('down')).code).toBe(0);
  expect(existsSync(stateFolder(name))).toBe(false);

  expect(await interruptAt(one.begin, 'up', ...args)).toContain(`cluster down --name ${name}\n`);
  const served = serveAfter('upgrade --install store');
  const up = await run('up', ...args);
  await served;
  expect(up.code, up.output).toBe(0);

  await interruptAt(one.end, 'down');
  expect(readClusterState(name)).toBeDefined();
  const down = await run('down');
  expect(down.code, down.output).toBe(0);
  expect(existsSync(file('clusters'))).toBe(false);
  expect(existsSync(stateFolder(name))).toBe(false);
});

test('an existing cluster gets images by way of its registry, and keeps what it had', async () => {
  const { port, run, serveAfter, takeCalls, write } = await setUp();
  const api = 'customresourcedefinition.apiextensions.k8s.io/gateways.gateway.networking.k8s.io';
  write('found', `namespace/observability\n${api}\n`);
  const served = serveAfter('port-forward');
  const args = ['--registry', 'registry.example/shop', '--port', String(port), '--no-observability'];
  const up = await run('up', ...existing, ...args);
  await served;
  expect(up.code, up.output).toBe(0);
  const calls = takeCalls();
  expect(calls.filter((call) => call.startsWith('docker push registry.example/shop/'))).not.toEqual([]);
  expect(calls.filter((call) => changes.test(call) && /gateway-api|observability/.test(call))).toEqual([]);
  expect((await run('down')).code).toBe(0);
  const removed = takeCalls().filter((call) => call.includes('delete '));
  expect(removed.filter((call) => call.includes('namespace istio-system'))).toHaveLength(1);
  expect(removed.filter((call) => /gateway-api|observability/.test(call))).toEqual([]);
});

type Machine = Awaited<ReturnType<typeof setUp>>;
const without = (program: string) => (machine: Machine) => rmSync(machine.file(`bin/${program}`));

describe('"up" changes nothing, and gives the next step,', () => {
  test.each<[string, string[], (machine: Machine) => void, RegExp]>([
    ['without Docker', ['--provider', 'kind'], without('docker'), /no docker .*https:\/\/docs.docker.com/],
    [
      'with an old kind',
      ['--provider', 'kind'],
      ({ file }) => writeExecutable(file('bin/kind'), 'echo kind v0.20.0'),
      /kind 0.30 or newer .*v0.20.0/,
    ],
    [
      "with a stranger's cluster of the same name",
      ['--provider', 'kind'],
      ({ name, write }) => write('clusters', `${name}\n`),
      /another name/,
    ],
    ['for an option of another provider', ['--provider', 'kind', '--context', 'x'], () => {}, /--context/],
    ['without a context', ['--provider', 'existing', '--tag', 't'], () => {}, /--context .*staging, prod/],
    ['without a registry', existing, () => {}, /--registry/],
    [
      'on a cluster that has Istio',
      [...existing, '--tag', 't'],
      ({ write }) => write('found', 'namespace/istio-system\n'),
      /istio-system/,
    ],
  ])('%s', async (_case, args, prepare, message) => {
    const machine = await setUp();
    prepare(machine);
    const { code, output } = await machine.run('up', ...args);
    expect(output).toMatch(message);
    expect(code).toBe(1);
    expect(machine.takeCalls().filter((call) => changes.test(call))).toEqual([]);
    expect(readClusterState(machine.name)).toBeUndefined();
  });
});

test('a step that fails says why, how to resume and where the logs are', async () => {
  const { name, port, run, write } = await setUp();
  write('fail', 'helm*upgrade*');
  const up = await run('up', '--provider', 'kind', '--port', String(port), '--no-gitops');
  expect(up.code).toBe(1);
  expect(up.output).toContain('helm failed (exit code 1): no space left on device\n');
  expect(up.output).toContain(`cluster down --name ${name}\n`);
  expect(up.output).toContain(`kind export logs --name ${name}\n`);
});
