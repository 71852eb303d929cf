import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readClusterState, stateFolder } from '@meshmart/cluster/cluster-state';
import { storeTag } from '@meshmart/cluster/store-tag';
import { findFreePorts } from '@meshmart/processes/ports';
import { eventually } from '@meshmart/test-support/eventually';
import { writeExecutable } from '@meshmart/test-support/executable';
import { entry, runToEnd } from '@meshmart/test-support/run-entry';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { config } from '@meshmart/toolchain/config';
import { describe, expect, onTestFinished, test } from 'vitest';

/** The programs' responses, as shell. The file "clusters" is what kind knows; "changed" records any other change. */
const programs: Record<string, string> = {
  docker: `case "$1" in
    version) echo 28.2.2;;
    build) echo "no space left on device" >&2; exit 1;;
    *) exit 1;;
  esac`,
  kind: `case "$1" in
    version) echo kind v0.33.0;;
    get) cat clusters;;
    create) [ ! -s clusters ] || exit 1; echo "$4" >clusters; [ ! -f hang ] || exec sleep 1000; : >"$8";;
    delete) : >clusters;;
  esac`,
  helm: 'echo v3.22.0',
  kubectl: `case "$*" in
    "version --client") echo v1.34.4;;
    "config get-contexts"*) echo staging; echo production;;
    "config view"*) echo '{"clusters": [{"cluster": {"server": "https://staging.example"}}]}';;
    *" get deployments "*) echo '{"items": []}';;
    *" get namespaces,customresourcedefinitions "*) echo namespace/istio-system;;
    *" wait "*) ;;
    *) : >changed;;
  esac`,
};

/** Creates a PATH with only these programs. */
function setUp() {
  const folder = temporaryFolder();
  const name = `t-${folder.split('/').at(-1)?.toLowerCase()}`;
  const file = (path: string) => join(folder, path);
  for (const [program, script] of Object.entries(programs)) {
    writeExecutable(file(`bin/${program}`), `PATH=/usr/bin:/bin\ncd ${folder}\n${script}`);
  }
  symlinkSync(process.execPath, file('bin/node'));
  writeFileSync(file('clusters'), '');
  onTestFinished(() => rmSync(stateFolder(name), { recursive: true, force: true }));
  const env = { PATH: file('bin'), HOME: folder, NODE_COMPILE_CACHE: config.compileCache };
  const command = (action: string, args: string[]) => [entry, 'cluster', action, '--name', name, ...args];
  const run = (action: string, ...args: string[]) => runToEnd(process.execPath, command(action, args), env);
  return { name, file, run, env, command, clusters: () => readFileSync(file('clusters'), 'utf8').trim() };
}

test('"up" resumes after an interruption, explains a failed step, and "down" leaves nothing', async () => {
  const { name, file, run, env, command, clusters } = setUp();
  const [port] = await findFreePorts(1);
  const args = ['--provider', 'kind', '--port', String(port), '--no-gitops'];
  writeFileSync(file('hang'), '');
  const child = spawn(process.execPath, command('up', args), { cwd: config.root, env, stdio: 'ignore' });
  await eventually(() => clusters() === name, 120_000);
  child.kill('SIGTERM');
  await once(child, 'exit');
  rmSync(file('hang'));

  // The incomplete cluster is replaced: kind refuses to create it a second time.
  const { code, output } = await run('up', ...args);
  expect(code).toBe(1);
  expect(output).toContain('docker failed (exit code 1): no space left on device\n');
  expect(output).toContain(`cluster down --name ${name}\n`);
  expect(output).toContain(`kind export logs --name ${name}\n`);

  expect((await run('down')).code).toBe(0);
  expect(clusters()).toBe('');
  expect(existsSync(stateFolder(name))).toBe(false);
  expect(existsSync(file('.kube')), "the user's own kubeconfig").toBe(false);
});

test('"up" with another repository prints that the images are those of this checkout', async () => {
  const { run } = setUp();
  const [port] = await findFreePorts(1);
  const where = ['--repo', 'https://git.example/shop', '--revision', 'v2'];
  const { output } = await run('up', '--provider', 'kind', '--port', String(port), ...where);
  expect(output).toContain(
    `the charts of https://git.example/shop at v2, with images of this checkout: ${storeTag()}. `,
  );
  await run('down');
});

type Machine = ReturnType<typeof setUp>;
const existing = ['--provider', 'existing', '--context', 'staging'];

describe('"up" changes nothing, and gives the next step,', () => {
  test.each<[string, string[], (machine: Machine) => void, RegExp]>([
    [
      'without Docker',
      ['--provider', 'kind'],
      ({ file }) => rmSync(file('bin/docker')),
      /no docker .*https:\/\/docs.docker.com/,
    ],
    [
      'without a provider, as Docker is not running',
      [],
      ({ file }) => writeExecutable(file('bin/docker'), 'exit 1'),
      /with a running Docker\n/,
    ],
    [
      'with an old kind',
      ['--provider', 'kind'],
      ({ file }) => writeExecutable(file('bin/kind'), 'echo kind v0.20.0'),
      /kind 0.31 or newer .*v0.20.0/,
    ],
    [
      "with a stranger's cluster of the same name",
      ['--provider', 'kind'],
      ({ name, file }) => writeFileSync(file('clusters'), name),
      /another name/,
    ],
    ['for an option of another provider', ['--provider', 'kind', '--context', 'x'], () => {}, /--context/],
    ['without a context', ['--provider', 'existing', '--tag', 't'], () => {}, /--context .*staging, prod/],
    ['without a registry', existing, () => {}, /--registry/],
    [
      'on a cluster with parts of Istio, but no istiod',
      [...existing, '--tag', 't'],
      () => {},
      /istio-system/,
    ],
  ])('%s', async (_case, args, prepare, message) => {
    const machine = setUp();
    prepare(machine);
    const before = machine.clusters();
    const { code, output } = await machine.run('up', ...args);
    expect(output).toMatch(message);
    expect(code).toBe(1);
    expect(machine.clusters()).toBe(before);
    expect(existsSync(machine.file('changed'))).toBe(false);
    expect(readClusterState(machine.name)).toBeUndefined();
  });
});
