import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeExecutable } from '@meshmart/test-support/executable';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { K6_IMAGE } from '@meshmart/toolchain/k6';
import { expect, test } from 'vitest';
import { clusterTarget } from '../../src/on-cluster/target.ts';
import type { Load } from '../../src/target.ts';
import { argoCd, argoRollouts, createFakeKube, gateways, generated, instances } from './fake-kube.ts';

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
  kube.answers[instances] = () => pods;
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

test('lists the services that are Rollouts', async () => {
  const { kube, target } = setUp();
  expect((await target.status()).rollouts).toEqual([]);
  kube.answers[argoRollouts] = () => 'definition\n';
  kube.answers['get rollouts.argoproj.io'] = () => 'order product';
  expect((await target.status()).rollouts).toEqual(['order', 'product']);
});

test('knows whether Argo CD deploys the store', async () => {
  const { kube, target } = setUp();
  expect(await target.status()).toMatchObject({ isFromGit: false });
  kube.answers[argoCd] = () => 'definition\n';
  kube.answers['get applications.argoproj.io mesh'] = () => '';
  expect(await target.status()).toMatchObject({ isFromGit: false });
  kube.answers['get applications.argoproj.io mesh'] = () => 'application\n';
  expect(await target.status()).toMatchObject({ isFromGit: true });
});

test('adds up the pods of the edge, and leaves out proxies that do not answer', async () => {
  const { kube, target } = setUp();
  kube.answers[gateways] = () =>
    describePods({ name: 'gateway-a', at: '01' }, { name: 'gateway-b', at: '02' });
  kube.answers['exec gateway'] = () =>
    'cluster.outbound|80|v2|product;.upstream_rq_total: 21\nhttp.x.rq_time: P0(nan,1)\nserver.version: "7"\n';
  kube.answers['exec product-v1-zz istio-proxy pilot-agent request GET stats?usedonly'] = () => 'a.b: 1\n';
  kube.answers['get --raw /api/v1/namespaces/meshmart/pods/product-v1-zz:15020/proxy/stats/prometheus'] =
    () => 'requests_total 5\n';
  const { proxies, services } = await target.takeSnapshot();
  expect(proxies.get('gateway')).toMatchObject({ 'cluster.outbound|80|v2|product;.upstream_rq_total': 42 });
  expect(proxies.get('gateway')).not.toHaveProperty('http.x.rq_time');
  expect(proxies.get('product-v1-1')).toEqual({ 'a.b': 1 });
  expect(proxies.get('product-v1-2')).toBeUndefined();
  expect(services.get('product-v1-1')).toEqual({ service: 'product', text: 'requests_total 5\n' });
  expect(services.get('product-v1-2')).toEqual({ service: 'product', text: undefined });
});

test('counts the proxy of a Gateway under its name', async () => {
  const { kube, target } = setUp();
  const labels = { 'gateway.networking.k8s.io/gateway-name': 'edge' };
  const pod = { metadata: { name: 'edge-istio-1', labels, creationTimestamp: '' }, status: {} };
  kube.answers[generated] = () => JSON.stringify({ items: [pod] });
  kube.answers['exec edge-istio-1 istio-proxy'] = () => 'a.b: 2\n';
  const { proxies } = await target.takeSnapshot();
  expect(proxies.get('edge')).toEqual({ 'a.b': 2 });
});

test('sets the faults of the pod with that name', async () => {
  const { kube, target } = setUp();
  let told: string[] = [];
  kube.answers['exec product-v1-aa service node'] = (args) => {
    told = args;
    return '';
  };
  await target.setFaults('product-v1-2', { errorRate: 1 });
  expect(told.at(-1)).toBe('{"errorRate":1}');
  await expect(target.setFaults('product-v1-9', {})).rejects.toThrow('there is no instance product-v1-9');
});

const gone = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n';

test('validates each file by a dry run, except empty ones', async () => {
  const { kube, target, write } = setUp();
  const asked: string[] = [];
  kube.answers['apply -f'] = ([, , file = '', ...how]) => {
    asked.push([file.split('/').at(-1), ...how].join(' '));
    return '';
  };
  await target.validate([write('empty.yaml', '# nothing\n'), write('istio.yaml', gone)]);
  expect(asked).toEqual(['istio.yaml --dry-run=server --validate=strict']);
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
  kube.answers[instances] = () => '{"items": []}';
  expect(await target.applyOverlay('shift', [write('istio.yaml', gone)])).toEqual([
    'istio.yaml:24: VirtualService meshmart/store: Referenced host not found (IST0101)',
  ]);
});

test('warns when there is no istioctl', async () => {
  const { kube, target, write } = setUp();
  kube.answers[instances] = () => '{"items": []}';
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
  kube.answers['get pods --namespace meshmart-load'] = () =>
    describeLoadPod(++looks < 2 ? { running: {} } : { terminated: { exitCode } });
  kube.answers['logs k6-1'] = () => log;
  const script = join(folder, 'experiments/shift/load.ts');
  const report = join(folder, 'report.html');
  const load: Load = { script, phase: 'observe', durationS: 1, from: 'pod', report };
  return { folder, kube, target, load };
}

const never = new AbortController().signal;
const summary = '{"root_group":{},"metrics":{"http_reqs":{"values":{"count":7}}}}';
const report = '<!DOCTYPE html>\n<html>\n{"in": "the page"}\n</html>';

test.each([0, 99])('runs k6 beside the store, to exit code %i, and removes the Job', async (exitCode) => {
  const { folder, kube, target, load } = setUpLoad(exitCode, `a word of k6\n${report}\n${summary}`);
  expect(await target.sendLoad(load, never)).toEqual({ http_reqs: { values: { count: 7 } } });
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toBe(report);
  expect(kube.calls).toEqual([
    'apply NetworkPolicy/meshmart-load',
    'apply Namespace/meshmart-load ConfigMap/k6-main ConfigMap/k6-loadtest ConfigMap/k6-environment Job/k6',
    'delete namespace meshmart-load --ignore-not-found',
    'delete networkpolicy meshmart-load --ignore-not-found',
  ]);
});

test('gives k6 its scripts, its thresholds and the addresses of the pods', async () => {
  const { kube, target, load } = setUpLoad(0, summary);
  await target.sendLoad({ ...load, thresholds: { share: ['rate==0'] } }, never);
  const dataOf = (name: string) => kube.objects.get(`/ConfigMap/${name}`)?.data as Record<string, string>;
  expect(dataOf('k6-main')).toMatchObject({
    'load.ts': 'script',
    'main.js': expect.stringMatching(/from "\.\/load\.ts"[\s\S]*thresholds: {"share":\["rate==0"\]}/),
  });
  expect(dataOf('k6-loadtest')).toEqual({ 'phase.ts': 'shared' });
  expect(dataOf('k6-environment')).toMatchObject({
    GATEWAY_URL: 'http://gateway.meshmart.svc.cluster.local',
    INBOUND_URLS: expect.stringContaining('"product-v1-2":"http://198.18.32.3:8080"'),
  });
  const job = JSON.stringify(kube.objects.get('batch/Job/k6'));
  expect(job).toContain(`"image":"${K6_IMAGE}"`);
  const configMaps = [...job.matchAll(/"configMap(?:Ref)?":{"name":"([^"]+)"/g)].map(([, name]) => name);
  expect(configMaps.sort()).toEqual(['k6-environment', 'k6-loadtest', 'k6-main']);
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
  kube.answers['get pods --namespace meshmart-load'] = () => {
    interruption.abort('SIGINT');
    return '{"items": []}';
  };
  await expect(target.sendLoad(load, interruption.signal)).rejects.toThrow('interrupted by SIGINT');
  kube.answers['get pods --namespace meshmart-load'] = () =>
    describeLoadPod({ waiting: { reason: 'ImagePullBackOff', message: 'not found' } });
  await expect(target.sendLoad(load, never)).rejects.toThrow(
    'k6 does not start: ImagePullBackOff: not found',
  );
  expect(kube.calls.at(-1)).toBe('delete networkpolicy meshmart-load --ignore-not-found');
});
