import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeExecutable } from '@meshmart/test-support/executable';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { expect, test } from 'vitest';
import { clusterTarget } from '../../src/on-cluster/target.ts';
import type { Load } from '../../src/target.ts';
import { createFakeKube, gateways, instances } from './fake-kube.ts';

interface FakePod {
  name: string;
  at: string;
  version?: string;
  ready?: boolean;
  going?: boolean;
}

function describePods(...pods: FakePod[]): string {
  const items = pods.map(({ name, at, version = 'v1', ready = true, going }) => ({
    metadata: {
      name,
      creationTimestamp: `2026-01-01T00:00:${at}Z`,
      labels: { app: 'product', version },
      ...(going && { deletionTimestamp: '2026-01-01T01:00:00Z' }),
    },
    status: {
      phase: 'Running',
      podIP: `198.18.32.${Number(at)}`,
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  }));
  return JSON.stringify({ items });
}

const pods = describePods(
  { name: 'product-v1-zz', at: '01' },
  { name: 'product-v2-aa', at: '02', version: 'v2', ready: false },
  { name: 'product-v1-aa', at: '03' },
  { name: 'product-v1-old', at: '00', going: true },
);

function setUp() {
  const folder = temporaryFolder();
  const kube = createFakeKube();
  kube.responses[instances] = () => pods;
  const istioctl = (script: string) => writeExecutable(join(folder, 'istioctl'), script);
  const access = {
    kubeconfig: '',
    caches: folder,
    kubectl: '',
    helm: '',
    istioctl: join(folder, 'istioctl'),
  };
  const gatewayUrl = 'http://127.0.0.1:9080';
  const target = clusterTarget({ name: 'meshmart', access, gatewayUrl }, kube, 'no-such-k6');
  const write = (file: string, text: string) => {
    writeFileSync(join(folder, file), text);
    return join(folder, file);
  };
  return { folder, kube, target, istioctl, write };
}

test('names instances as on the local platform, oldest first, without terminating ones', async () => {
  const { target } = setUp();
  const status = await target.status();
  expect(status.gatewayUrl).toBe('http://127.0.0.1:9080');
  expect(status.instances.map(({ name, state }) => `${name} ${state}`)).toEqual([
    'product-v1-1 ready',
    'product-v2-1 starting',
    'product-v1-2 ready',
  ]);
});

test('adds up the pods of the edge, and leaves out proxies that do not answer', async () => {
  const { kube, target } = setUp();
  kube.responses[gateways] = () =>
    describePods({ name: 'gateway-a', at: '01' }, { name: 'gateway-b', at: '02' });
  kube.responses['exec gateway'] = () =>
    'cluster.outbound|80|v2|product;.upstream_rq_total: 21\nhttp.x.rq_time: P0(nan,1)\nserver.version: "7"\n';
  kube.responses['exec product-v1-zz istio-proxy pilot-agent request GET stats?usedonly'] = () => 'a.b: 1\n';
  kube.responses['get --raw /api/v1/namespaces/meshmart/pods/product-v1-zz:15020/proxy/stats/prometheus'] =
    () => 'requests_total 5\n';
  const { proxies, services } = await target.takeSnapshot();
  expect(proxies.get('gateway')).toMatchObject({ 'cluster.outbound|80|v2|product;.upstream_rq_total': 42 });
  expect(proxies.get('gateway')).not.toHaveProperty('http.x.rq_time');
  expect(proxies.get('product-v1-1')).toEqual({ 'a.b': 1 });
  expect(proxies.get('product-v1-2')).toBeUndefined();
  expect(services.get('product-v1-1')).toEqual({ service: 'product', text: 'requests_total 5\n' });
  expect(services.get('product-v1-2')).toEqual({ service: 'product', text: undefined });
});

const gone = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n';

test('names the line of a file that is not YAML', async () => {
  const { target, write } = setUp();
  await expect(target.validate([write('wrong.yaml', 'kind: [x\n')])).rejects.toThrow(/wrong\.yaml:\d+: /);
});

test("returns istioctl's warnings about the files only", async () => {
  const { kube, target, istioctl, write } = setUp();
  const message = (reference?: string) => ({
    code: 'IST0101',
    message: 'Referenced host not found',
    origin: 'VirtualService meshmart/store',
    reference,
  });
  // istioctl exits with 79 when it finds an error, and prints it in the same way.
  istioctl(
    `echo '${JSON.stringify([message('/tmp/istio.yaml:24'), message()])}'; echo "Error: found issues" >&2; exit 79`,
  );
  kube.responses[instances] = () => '{"items": []}';
  expect(await target.applyOverlay('shift', [write('istio.yaml', gone)])).toEqual([
    'istio.yaml:24: VirtualService meshmart/store: Referenced host not found (IST0101)',
  ]);
});

test('warns when there is no istioctl', async () => {
  const { kube, target, write } = setUp();
  kube.responses[instances] = () => '{"items": []}';
  const [line] = await target.applyOverlay('shift', [write('istio.yaml', gone)]);
  expect(line).toMatch(/^istioctl analyze did not check .*ENOENT/);
});

const describeLoadPod = (state: object) =>
  JSON.stringify({ items: [{ metadata: { name: 'k6-1' }, status: { containerStatuses: [{ state }] } }] });

/** A Job whose pod has ended with this code and log at the second look. */
function setUpLoad(exitCode: number, log: string) {
  const { folder, kube, target } = setUp();
  for (const path of ['experiments/shift', 'loadtest']) mkdirSync(join(folder, path), { recursive: true });
  writeFileSync(join(folder, 'experiments/shift/load.ts'), 'script');
  writeFileSync(join(folder, 'loadtest/phase.ts'), 'shared');
  let looks = 0;
  kube.responses['get pods --namespace meshmart-load'] = () =>
    describeLoadPod(++looks < 2 ? { running: {} } : { terminated: { exitCode } });
  kube.responses['logs k6-1'] = () => log;
  const script = join(folder, 'experiments/shift/load.ts');
  const report = join(folder, 'report.html');
  const load: Load = { script, phase: 'observe', variant: '', durationS: 1, from: 'pod', report };
  return { folder, kube, target, load };
}

const never = new AbortController().signal;
const summary = '{"root_group":{},"metrics":{"http_reqs":{"values":{"count":7}}}}';
const report = '<!DOCTYPE html>\n<html>\n{"in": "the page"}\n</html>';

test.each([0, 99])('runs k6 beside the store, to exit code %i, and removes the Job', async (exitCode) => {
  const { folder, kube, target, load } = setUpLoad(exitCode, `a word of k6\n${report}\n${summary}`);
  expect(await target.sendLoad(load, never)).toEqual({ http_reqs: { values: { count: 7 } } });
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toBe(report);
  expect(kube.calls.at(-1)).toBe('delete networkpolicy meshmart-load --ignore-not-found');
});

test("gives k6's last output when it breaks off, and removes the Job", async () => {
  const { folder, kube, target, load } = setUpLoad(107, 'SyntaxError in load.ts\n');
  await expect(target.sendLoad(load, never)).rejects.toThrow(
    'k6 ended with code 107: SyntaxError in load.ts',
  );
  expect(kube.calls.at(-1)).toBe('delete networkpolicy meshmart-load --ignore-not-found');
  expect(existsSync(join(folder, 'report.html'))).toBe(false);
});

test('ends early when it is interrupted, and when the image cannot be pulled', async () => {
  const { kube, target, load } = setUpLoad(0, '');
  const interruption = new AbortController();
  kube.responses['get pods --namespace meshmart-load'] = () => {
    interruption.abort('SIGINT');
    return '{"items": []}';
  };
  await expect(target.sendLoad(load, interruption.signal)).rejects.toThrow('interrupted by SIGINT');
  kube.responses['get pods --namespace meshmart-load'] = () =>
    describeLoadPod({ waiting: { reason: 'ImagePullBackOff', message: 'not found' } });
  await expect(target.sendLoad(load, never)).rejects.toThrow(
    'k6 does not start: ImagePullBackOff: not found',
  );
  expect(kube.calls.at(-1)).toBe('delete networkpolicy meshmart-load --ignore-not-found');
});
