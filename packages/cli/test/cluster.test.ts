import { copyFileSync, globSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseQuantity } from '@meshmart/cluster/pods';
import { GATEWAY_NODE_PORT } from '@meshmart/cluster/provider';
import { imageSources, storeTag } from '@meshmart/cluster/store-tag';
import { postgresImage } from '@meshmart/cluster-from-source/image-recipes';
import { HIGHEST_INDEX, layoutOfCluster } from '@meshmart/cluster-from-source/layout';
import { assertCanBeNode } from '@meshmart/cluster-from-source/preconditions';
import { ensureTool, type ToolName } from '@meshmart/cluster-from-source/tools';
import { identify } from '@meshmart/processes/process-identity';
import { eventually } from '@meshmart/test-support/eventually';
import { writeExecutable } from '@meshmart/test-support/executable';
import { entry, plainEnvironment, runToEnd } from '@meshmart/test-support/run-entry';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { config } from '@meshmart/toolchain/config';
import { versions } from '@meshmart/toolchain/versions';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const folder = join(config.root, 'cluster');
const read = (file: string) => readFileSync(join(folder, file), 'utf8');

test.each([
  [['--help'], 0, /\.\/meshmart cluster up .*continue after an interruption/],
  [
    ['up', '--provider', 'k3d'],
    2,
    /'k3d' is invalid. Allowed choices are kind, minikube, from-source, existing/,
  ],
  [['up', '--name', '../etc'], 2, /up to 30 lower-case letters/],
  [['up', '--index', '4'], 2, /a whole number from 0 to 3/],
  [['begin'], 2, /Allowed choices are up, status, down/],
])('cluster %j exits with %i and a clear line', async (args, code, message) => {
  const ended = await runToEnd(process.execPath, [entry, 'cluster', ...args], plainEnvironment);
  expect(ended.output.replaceAll(/\s+/g, ' ')).toMatch(message);
  expect(ended.code).toBe(code);
});

describe('a machine that cannot be a node is told what it lacks', () => {
  const searchPath = () => {
    const bin = temporaryFolder();
    writeExecutable(join(bin, 'apt-get'), '');
    return bin;
  };
  test.each([
    [{ platform: 'darwin' as const }, /needs Linux; this is darwin/],
    [{ userId: 1000 }, /needs root: sudo \.\/meshmart cluster …/],
    [{ searchPath: '' }, /needs apt-get/],
    [{}, /there is no go: install it \(https:\/\/go.dev\/dl\)/],
  ])('%j', async (difference, message) => {
    const machine = { platform: 'linux' as const, userId: 0, searchPath: searchPath(), ...difference };
    await expect(assertCanBeNode(machine)).rejects.toThrow(message);
  });
});

describe('a tool', () => {
  /** A checkout whose script for Helm is another one. */
  function setUp(script: string) {
    const root = temporaryFolder();
    const settings = { root, cacheDirectory: join(root, 'cache'), searchPath: join(root, 'bin') };
    writeExecutable(join(root, 'bin/go'), '');
    mkdirSync(join(root, 'cluster/from-source/tools'), { recursive: true });
    writeFileSync(join(root, 'cluster/from-source/tools/helm.sh'), script);
    return { settings, cached: () => readdirSync(settings.cacheDirectory) };
  }

  test('is built once, from the version that is pinned', async () => {
    const { settings, cached } = setUp('echo "$1" >"$2/helm"; echo built >>"$(dirname "$2")/../builds"');
    await ensureTool('helm', {}, settings);
    await ensureTool('helm', {}, settings);
    expect(cached()).toEqual([`helm-${versions.helm}`]);
    const built = join(settings.cacheDirectory, `helm-${versions.helm}`, 'helm');
    expect(readFileSync(built, 'utf8')).toBe(`${versions.helm}\n`);
    expect(readFileSync(join(settings.root, 'builds'), 'utf8')).toBe('built\n');
  });

  test('takes what Go has compiled for it away, and the last one all that Go has fetched', async () => {
    const files =
      'kubectl istioctl helm coredns metrics-server prometheus jaeger argocd rollouts-controller standard';
    const { settings, cached } = setUp(`mkdir -p "$GOCACHE" "$GOMODCACHE"; cd "$2"; touch ${files}`);
    const scripts = readdirSync(join(config.root, 'cluster/from-source/tools'));
    const all = scripts.filter((file) => file !== 'go-module.sh').map((file) => file.replace('.sh', ''));
    const script = (name: string) => join(settings.root, `cluster/from-source/tools/${name}.sh`);
    for (const name of all) {
      if (name !== 'helm') copyFileSync(script('helm'), script(name));
      if (name !== all[0]) expect(readdirSync(join(settings.cacheDirectory, 'go'))).toEqual(['modules']);
      await ensureTool(name as ToolName, {}, settings);
    }
    expect(cached()).not.toContain('go');
  });

  test('whose build fails leaves nothing half, and says why', async () => {
    const { settings, cached } = setUp('touch "$2/helm"; echo "dial tcp: no such host" >&2; exit 1');
    const message = /Helm .* could not be built: go does not reach its module proxy; check the network/;
    await expect(ensureTool('helm', {}, settings)).rejects.toThrow(message);
    expect(cached()).toEqual([]);
  });

  test('whose build is interrupted leaves nothing half, and no process of the build', async () => {
    const { settings, cached } = setUp('touch "$2/helm"; sleep 1000 & echo "$!"; wait');
    const interruption = new AbortController();
    let child = 0;
    const onLine = (line: string) => {
      child = Number(line);
      interruption.abort();
    };
    await expect(ensureTool('helm', { signal: interruption.signal, onLine }, settings)).rejects.toThrow();
    expect(cached()).toEqual([]);
    await eventually(() => identify(child) === undefined);
  });
});

test('clusters with different indexes share no address', () => {
  const layouts = Array.from({ length: HIGHEST_INDEX + 1 }, (_, index) =>
    layoutOfCluster({ name: 'x', index }),
  );
  const ranges = layouts.flatMap(({ podRange, serviceRange, hostAddress }) => [
    podRange,
    serviceRange,
    `${hostAddress}/30`,
  ]);
  const intervals = ranges.map(toInterval).sort((a, b) => a.from - b.from);
  for (const [at, { from }] of intervals.entries()) {
    expect(from).toBeGreaterThan(intervals[at - 1]?.to ?? 0);
    expect(ranges[at]).toMatch(/^198\.1[89]\./);
  }
  for (const { serviceRange, apiAddress, dnsAddress, hostAddress, nodeAddress } of layouts) {
    const { from, to } = toInterval(serviceRange);
    for (const address of [apiAddress, dnsAddress]) {
      expect(toNumber(address)).toBeGreaterThan(from);
      expect(toNumber(address)).toBeLessThan(to);
    }
    expect(toNumber(nodeAddress)).toBe(toNumber(hostAddress) + 1);
  }
});

test('what files and code both say is the same', () => {
  const { packageManager } = JSON.parse(readFileSync(join(config.root, 'package.json'), 'utf8'));
  expect(packageManager).toBe(`npm@${versions.npm}`);
  const gateway = parse(read('istio/gateway.yaml'));
  expect(gateway.service.ports[0].nodePort).toBe(GATEWAY_NODE_PORT);
  const { appVersion } = parse(readFileSync(join(config.root, 'charts/postgres/Chart.yaml'), 'utf8'));
  expect(postgresImage.image).toBe(`docker.io/library/postgres:${appVersion}`);
});

describe("the tag of the store's images", () => {
  function makeCheckout() {
    const root = temporaryFolder();
    for (const file of [
      'Dockerfile',
      'services/user/src/app.ts',
      'services/user/test/app.test.ts',
      'packages/cli/src/main.ts',
    ])
      writeFile(join(root, file), 'as it was');
    return root;
  }
  const writeFile = (file: string, content: string) => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  };

  test.each(['Dockerfile', 'services/user/src/app.ts', 'packages/service/src/new.ts'])(
    'changes with %s',
    (file) => {
      const root = makeCheckout();
      const before = storeTag(root);
      expect(before).toMatch(/^\d+\.\d+\.\d+-[0-9a-f]{12}$/);
      writeFile(join(root, file), 'changed');
      expect(storeTag(root)).not.toBe(before);
    },
  );

  test.each(['services/user/test/app.test.ts', 'packages/cli/src/main.ts', 'services/user/README.md'])(
    'is the same whatever is in %s',
    (file) => {
      const root = makeCheckout();
      const before = storeTag(root);
      writeFile(join(root, file), 'changed');
      expect(storeTag(root)).toBe(before);
    },
  );

  test('is the same wherever the checkout is', () => {
    expect(storeTag(makeCheckout())).toBe(storeTag(makeCheckout()));
  });

  test('leaves out nothing that gets into an image', () => {
    const ignored = readFileSync(join(config.root, '.dockerignore'), 'utf8').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(imageSources.leftOut));
    const taken = ignored.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    for (const path of taken.filter((line) => line !== 'packages')) {
      expect(
        globSync(imageSources.taken, { cwd: config.root }).some((file) => file.startsWith(path)),
        path,
      ).toBe(true);
    }
  });
});

test('quantities are read as Kubernetes writes them', () => {
  expect(['50m', '2', '128Mi', '1.5Gi', '1k', undefined].map((text) => parseQuantity(text))).toEqual([
    0.05,
    2,
    128 * 2 ** 20,
    1.5 * 2 ** 30,
    1000,
    0,
  ]);
  expect(() => parseQuantity('lots')).toThrow('not a quantity: lots');
});

function toInterval(range: string): { from: number; to: number } {
  const [address = '', bits] = range.split('/');
  const size = 2 ** (32 - Number(bits));
  const from = Math.floor(toNumber(address) / size) * size;
  return { from, to: from + size - 1 };
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
