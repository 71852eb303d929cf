import { existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { readClusterState, stateFolder } from '@meshmart/cluster/cluster-state';
import { findRunningCluster } from '@meshmart/cluster-lifecycle/running';
import { findFreePorts } from '@meshmart/processes/ports';
import { writeExecutable } from '@meshmart/test-support/executable';
import { versions } from '@meshmart/toolchain/versions';
import { describe, expect, test } from 'vitest';
import { standIns } from './cluster-stand-ins.ts';

let count = 0;
async function setUp() {
  const name = `t${process.pid}-${count++}`;
  const [port = 0] = await findFreePorts(1);
  return { name, port, ...standIns(name, port) };
}

const services = ['product', 'order', 'payment', 'user', 'storefront'];
const images = (registry = '') => services.map((service) => `${registry}meshmart/${service}:TAG`);
const kubectl = (args: string) => `kubectl --kubeconfig OURS ${args}`;
const istio = 'https://istio-release.storage.googleapis.com/charts';
const github = 'https://github.com/kubernetes-sigs';
const gatewayApi = `${github}/gateway-api/releases/download/v${versions.gatewayApi}/standard-install.yaml`;

const dockerBuilds = (registry = '') =>
  images(registry).flatMap((image, at) => [
    `docker image inspect ${image}`,
    `docker build --build-arg SERVICE=${services[at]} --tag ${image} /`,
  ]);

function chart(name: string, release: string, namespace: string, values: string[], workload?: string) {
  const files = values.map((file) => ` -f ${file}`).join('');
  return [
    kubectl('version --output json'),
    `helm --kubeconfig OURS template ${release} ${name} --repo ${istio} --version ${versions.istioRelease} --namespace ${namespace} --kube-version v1.34.3${files}`,
    kubectl(`apply --server-side --force-conflicts -n ${namespace} -f STATE/caches/${release}.yaml`),
    ...(workload ? [kubectl(`rollout status ${workload} -n ${namespace} --timeout=10m`)] : []),
  ];
}

function release(name: string, namespace: string, values = '') {
  const pending = `owner=helm,name=${name},status in (pending-install,pending-upgrade,pending-rollback)`;
  return [
    kubectl(`delete secret -n ${namespace} --selector ${pending}`),
    `helm --kubeconfig OURS upgrade --install ${name} /charts/${name} --namespace ${namespace}${values} --reset-then-reuse-values --wait --timeout 10m`,
  ];
}

/** What every provider does alike, from the moment when there are nodes and images. */
const afterImages = { hasGatewayApi: false, hasMetricsServer: false, registry: '', gatewayValues: [''] };
function installation(differences: Partial<typeof afterImages> = {}) {
  const { hasGatewayApi, hasMetricsServer, registry, gatewayValues } = { ...afterImages, ...differences };
  const set = [
    `--set-string global.image.registry=${registry}`,
    '--set-string global.image.tag=TAG',
    '--set-string global.telemetry.otlpEndpoint=http://jaeger.observability:4318',
    '--set global.faultsPort=8081',
  ];
  return [
    ...(hasGatewayApi ? [] : [kubectl(`apply --server-side -f ${gatewayApi}`)]),
    kubectl('apply -f /cluster/istio/namespaces.yaml'),
    ...chart('base', 'istio-base', 'istio-system', []),
    ...chart('cni', 'istio-cni', 'istio-system', ['/cluster/istio/cni.yaml'], 'daemonset/istio-cni-node'),
    ...chart(
      'istiod',
      'istiod',
      'istio-system',
      ['/cluster/istio/istiod.yaml', 'STATE/caches/mesh-config.json'],
      'deployment/istiod',
    ),
    ...chart(
      'gateway',
      'gateway',
      'meshmart',
      gatewayValues.map((folder) => `/cluster${folder}/istio/gateway.yaml`),
      'deployment/gateway',
    ),
    ...(hasMetricsServer ? [] : [kubectl('apply -k OVERLAY')]),
    kubectl('apply -f /cluster/observability.yaml'),
    ...release('observability', 'observability'),
    kubectl('apply -n meshmart -f /mesh/istio'),
    ...release('store', 'meshmart', ` ${set.join(' ')}`),
  ];
}

const ready = kubectl('wait --for=condition=Ready nodes --all --timeout=10s');
const admin = kubectl('get secret admin -n meshmart --output json');
const checks = ['docker version --format {{.Server.Version}}'];
const clients = ['kubectl version --client', 'helm version --short'];

test('kind: "up" goes all the way, is safe to repeat, and "down" leaves nothing', async () => {
  const { name, port, run, serveAfter, takeCalls, folder } = await setUp();
  const served = serveAfter('kind create');
  const up = await run('up', '--port', String(port), '--no-gitops'); // kind is the first that this PATH has
  await served;
  expect(up.code, up.output).toBe(0);
  expect(up.output).toContain('Provider "kind": kind and Docker are on the PATH\n');
  expect(up.output).toContain(`  Shop         http://127.0.0.1:${port}/shop\n`);
  expect(up.output).toContain(`  Kubernetes   export KUBECONFIG=${stateFolder(name)}/kubeconfig\n`);
  const preconditions = [...checks, 'kind version', ...clients];
  const create = 'kind create cluster --name NAME --config STATE/kind.yaml --kubeconfig STATE/kubeconfig';
  const load = `kind load docker-image --name NAME ${images().join(' ')}`;
  expect(takeCalls()).toEqual([
    ...preconditions,
    'kind get clusters',
    'kind get clusters',
    create.replace('--kubeconfig STATE/kubeconfig', '--kubeconfig OURS'),
    ready,
    ...dockerBuilds(),
    load,
    ...installation(),
    admin,
  ]);
  const nodes = readFileSync(join(stateFolder(name), 'kind.yaml'), 'utf8');
  expect(nodes).toContain(`image: "kindest/node:v${versions.kubernetesNode}"`);
  expect(nodes).toContain(`hostPort: ${port}, listenAddress: 127.0.0.1`);
  expect(findRunningCluster(name)).toMatchObject({ name, gatewayUrl: `http://127.0.0.1:${port}` });

  const again = await run('up');
  expect(again.code, again.output).toBe(0);
  expect(again.output).toContain(`Provider "kind": cluster "${name}" is one of it\n`);
  expect(takeCalls()).toEqual([
    ...preconditions,
    'kind get clusters',
    'docker start NAME-control-plane',
    ready,
    ...images().map((image) => `docker image inspect ${image}`),
    load,
    ...installation(),
    admin,
  ]);

  const down = await run('down');
  expect(down.code, down.output).toBe(0);
  expect(takeCalls()).toEqual(['kind delete cluster --name NAME --kubeconfig OURS']);
  expect(existsSync(stateFolder(name))).toBe(false);
  expect(existsSync(join(folder, '.kube')), "the user's own kubeconfig").toBe(false);
  const nothing = await run('down');
  expect(nothing).toEqual({ code: 0, output: `There is no cluster "${name}"; nothing is left of it.\n` });
});

test('minikube: the same way, into a kubeconfig of our own', async () => {
  const { port, run, serveAfter, takeCalls, folder } = await setUp();
  const served = serveAfter('minikube start');
  const up = await run(
    'up',
    '--provider',
    'minikube',
    '--port',
    String(port),
    '--mesh',
    'istio',
    '--no-gitops',
  );
  await served;
  expect(up.code, up.output).toBe(0);
  const ours = 'KUBECONFIG=STATE/kubeconfig';
  const start = `minikube start --profile NAME --driver docker --container-runtime containerd --kubernetes-version v${versions.kubernetesNode} --ports 127.0.0.1:PORT:30080 --cpus 2 --memory 4g ${ours}`;
  const load = `minikube image load --profile NAME ${images().join(' ')} KUBECONFIG=`;
  const preconditions = [...checks, 'minikube version --short KUBECONFIG=', ...clients];
  expect(takeCalls()).toEqual([
    ...preconditions,
    'minikube profile list --light --output json KUBECONFIG=',
    start,
    ready,
    ...dockerBuilds(),
    load,
    ...installation(),
    admin,
  ]);
  expect((await run('up')).code).toBe(0);
  expect(takeCalls().slice(0, preconditions.length + 2)).toEqual([...preconditions, start, ready]);
  expect((await run('down')).code).toBe(0);
  expect(takeCalls()).toEqual([`minikube delete --profile NAME ${ours}`]);
  expect(existsSync(join(folder, '.kube'))).toBe(false);
});

describe('by Argo CD', () => {
  const inArgoCd = (args: string) => kubectl(args.replace(' ARGOCD', ' --namespace argocd'));
  const rollout = (workload: string) => inArgoCd(`rollout status ${workload} ARGOCD --timeout=10m`);

  test('"up" pushes the last commit into the cluster, and has Argo CD bring it', async () => {
    const { port, run, serveAfter, takeCalls, file } = await setUp();
    const served = serveAfter('kind create');
    symlinkSync('/usr/bin/git', file('bin/git'));
    const up = await run('up', '--port', String(port));
    await served;
    expect(up.code, up.output).toBe(0);
    const calls = takeCalls();
    expect(calls.slice(calls.indexOf(kubectl('apply -k OVERLAY')) + 1)).toEqual([
      'helm --kubeconfig OURS list --namespace meshmart --short --filter ^store$',
      kubectl('apply --server-side --force-conflicts -k OVERLAY'),
      inArgoCd('get secret argocd-secret ARGOCD --output json'),
      inArgoCd(
        'patch secret argocd-secret ARGOCD --type merge --patch {"stringData":{"server.secretkey":SECRET}}',
      ),
      ...['deployment/argocd-redis', 'deployment/argocd-repo-server'].map(rollout),
      rollout('statefulset/argocd-application-controller'),
      ...release('secrets', 'meshmart'),
      kubectl('apply -f /cluster/observability.yaml'),
      kubectl('apply -f STATE/caches/git-server.yaml'),
      rollout('statefulset/git'),
      kubectl('--namespace argocd exec --stdin git-0 -- git receive-pack /srv/store.git'),
      kubectl('apply --server-side --force-conflicts -f STATE/caches/argocd.yaml'),
      inArgoCd(
        'annotate applications.argoproj.io meshmart ARGOCD argocd.argoproj.io/refresh=normal --overwrite',
      ),
      inArgoCd('get applications.argoproj.io ARGOCD --output json'),
      admin,
    ]);
    const refused = await run('up', '--no-gitops');
    expect(refused.output).toMatch(
      /was brought to cluster ".*" by Argo CD: go on with --gitops, or begin anew/,
    );
    expect(refused.code).toBe(1);
    expect((await run('down')).code).toBe(0);
  });

  test('a store that Helm has brought is left to Helm', async () => {
    const { port, run, takeCalls, write, file } = await setUp();
    symlinkSync('/usr/bin/git', file('bin/git'));
    write('releases', 'store\n');
    const up = await run('up', '--port', String(port));
    expect(up.output).toMatch(/was brought to cluster ".*" by Helm: go on with --no-gitops, or begin anew/);
    expect(up.code).toBe(1);
    expect(takeCalls().filter((call) => call.includes('argocd'))).toEqual([]);
  });
});

describe('existing', () => {
  const options = ['--provider', 'existing', '--context', 'staging'];
  const view = 'kubectl config view --raw --flatten --minify --context staging --output json';
  const look = kubectl('get namespaces,customresourcedefinitions --output name');
  const gateway = kubectl('get service gateway -n meshmart --output json');
  const away = (args: string) => kubectl(`delete ${args} --ignore-not-found`);

  test('pushes to the registry, forwards a port where no load balancer is, and leaves the cluster as it was', async () => {
    const { name, port, run, serveAfter, takeCalls } = await setUp();
    const served = serveAfter('port-forward');
    const registry = ['--registry', 'registry.example/shop'];
    const up = await run('up', ...options, ...registry, '--port', String(port));
    await served;
    expect(up.code, up.output).toBe(0);
    expect(up.output).toContain('Into the cluster of the context "staging": https://staging.example\n');
    const forward = 'port-forward -n meshmart service/gateway';
    expect(up.output).toContain(`kubectl --kubeconfig ${stateFolder(name)}/kubeconfig ${forward} ${port}:80`);
    const shared = {
      registry: 'registry.example/shop/',
      hasMetricsServer: true,
      gatewayValues: ['', '/existing'],
    };
    const pushes = images('registry.example/shop/').map((image) => `docker push ${image}`);
    const smoke = [gateway, kubectl(`${forward} PORT:80`)];
    const before = [...checks, ...clients, view];
    expect(takeCalls()).toEqual([
      ...before,
      look,
      kubectl('get nodes --output json'),
      ready,
      ...dockerBuilds('registry.example/shop/'),
      ...pushes,
      ...installation(shared),
      ...smoke,
      gateway,
      admin,
    ]);
    expect((await run('up')).code).toBe(0);
    const inspections = images('registry.example/shop/').map((image) => `docker image inspect ${image}`);
    expect(takeCalls()).toEqual([
      ...before,
      ready,
      ...inspections,
      ...pushes,
      ...installation(shared),
      ...smoke,
      gateway,
      admin,
    ]);

    const down = await run('down');
    expect(down.code, down.output).toBe(0);
    expect(takeCalls()).toEqual([
      'helm --kubeconfig OURS uninstall store --namespace meshmart --ignore-not-found --wait',
      away('namespace meshmart'),
      'helm --kubeconfig OURS uninstall observability --namespace observability --ignore-not-found --wait',
      away('namespace observability'),
      away('-f STATE/caches/istiod.yaml'),
      away('-f STATE/caches/istio-cni.yaml'),
      away('-f STATE/caches/istio-base.yaml'),
      away('namespace istio-system'),
      away('configmap --all-namespaces --field-selector metadata.name=istio-ca-root-cert'),
      away(`-f ${gatewayApi}`),
    ]);
    expect(existsSync(stateFolder(name))).toBe(false);
  });

  test('leaves what the cluster had', async () => {
    const { port, run, serveAfter, takeCalls, write } = await setUp();
    write(
      'found',
      'namespace/observability\ncustomresourcedefinition.apiextensions.k8s.io/gateways.gateway.networking.k8s.io\n',
    );
    const args = [...options, '--tag', 'TAG', '--port', String(port)];
    const refused = await run('up', ...args);
    expect(refused.output).toContain('has a namespace "observability" of its own: leave ours out with --no');
    takeCalls();
    const served = serveAfter('port-forward');
    const up = await run('up', ...args, '--no-observability');
    await served;
    expect(up.code, up.output).toBe(0);
    const calls = takeCalls();
    expect(calls.filter((call) => /docker|gateway-api|observability/.test(call))).toEqual([]);
    expect(calls.find((call) => call.includes('--install store'))).toContain('otlpEndpoint= ');
    expect((await run('down')).code).toBe(0);
    const removed = takeCalls().filter((call) => /gateway-api|observability|gatewayclass/.test(call));
    expect(removed).toEqual([away('gatewayclass istio istio-remote')]);
  });

  test.each([
    ['k3d-mine-server-0', 'v1.34.3+k3s1', '--set global.platform=k3d'],
    ['box', 'v1.34.3+k3s1', '--set global.platform=k3s'],
    ['pool-1', 'v1.34.3-gke.100', '--set cniBinDir=/home/kubernetes/bin --set resourceQuotas.enabled=true'],
  ])('says where the node %s, %s keeps its CNI plugins', async (node, kubeletVersion, values) => {
    const { run, takeCalls, write } = await setUp();
    const status = { nodeInfo: { kubeletVersion } };
    write('nodes.json', JSON.stringify({ items: [{ metadata: { name: node }, status }] }));
    write('fail', '*rollout status daemonset*');
    await run('up', ...options, '--tag', 'TAG', '--no-observability');
    const [cni] = takeCalls().filter((call) => call.includes(' template istio-cni '));
    expect(cni).toContain(` --version ${versions.istioRelease} ${values} --namespace`);
  });

  test('answers at the address of its load balancer', async () => {
    const { name, port, run, serveAfter, takeCalls, write } = await setUp();
    write(
      'service.json',
      JSON.stringify({ status: { loadBalancer: { ingress: [{ ip: `127.0.0.1:${port}` }] } } }),
    );
    const served = serveAfter('--install store');
    const up = await run('up', ...options, '--tag', 'TAG');
    await served;
    expect(up.code, up.output).toBe(0);
    expect(takeCalls().filter((call) => call.includes('port-forward'))).toEqual([]);
    expect(findRunningCluster(name).gatewayUrl).toBe(`http://127.0.0.1:${port}`);
  });

  test.each([
    [['--provider', 'existing', '--registry', 'r'], '', /--context <name> \(staging, production\)/],
    [options, '', /--registry <where they are pushed to>, or --tag/],
    [
      [...options, '--tag', 't', '--gitops'],
      '',
      /Argo CD could not be taken away without a trace: --no-gitops/,
    ],
    [['--provider', 'existing', '--context', 'x', '--tag', 't'], '', /There is no context "x"/],
    [
      [...options, '--tag', 't'],
      'namespace/istio-system\n',
      /"down" would take away: istio-system. Take another/,
    ],
    [
      [...options, '--tag', 't'],
      'customresourcedefinition.apiextensions.k8s.io/gateways.networking.istio.io\n',
      /would take away: gateways.networking.istio.io/,
    ],
  ])('%j with %j ends with a clear line, and changes nothing', async (args, found, message) => {
    const { name, run, takeCalls, write } = await setUp();
    write('found', found);
    const { code, output } = await run('up', ...args);
    expect(output).toMatch(message);
    expect(code).toBe(1);
    expect(takeCalls().filter((call) => /apply|install|create|delete/.test(call))).toEqual([]);
    expect(readClusterState(name)).toBeUndefined();
  });
});

describe.each([
  {
    provider: 'kind',
    begin: 'kind create*',
    steps: /^kind (create|delete cluster)/,
    goesOn: ['kind create', 'kind delete cluster', 'kind create'],
    end: 'kind delete*',
  },
  {
    provider: 'minikube',
    begin: 'minikube start*',
    steps: /^minikube start/,
    goesOn: ['minikube start', 'minikube start'],
    end: 'minikube delete*',
  },
  {
    provider: 'existing',
    begin: '*rollout status deployment/istiod*',
    steps: /rollout status deployment\/istiod/,
    goesOn: ['kubectl --kubeconfig OURS rollout', 'kubectl --kubeconfig OURS rollout'],
    end: '*delete namespace istio-system*',
  },
])('$provider', ({ provider, begin, steps, goesOn, end }) => {
  test('an "up" that was interrupted goes on, and so does a "down"', async () => {
    const { name, port, run, interruptAt, serveAfter, takeCalls } = await setUp();
    const context = provider === 'existing' ? ['--context', 'staging', '--tag', 'TAG'] : [];
    const args = ['--provider', provider, '--port', String(port), ...context, '--no-gitops'];
    expect(await interruptAt(begin, 'up', ...args)).toContain(
      `Interrupted. Go on with the same command, or remove the cluster: ./meshmart cluster down --name ${name}\n`,
    );
    const served = serveAfter('upgrade --install store');
    const again = await run('up', ...args);
    await served;
    expect(again.code, again.output).toBe(0);
    const calls = takeCalls().filter((call) => steps.test(call));
    expect(calls.map((call, at) => call.slice(0, goesOn[at]?.length))).toEqual(goesOn);

    expect(await interruptAt(end, 'down')).toContain('Interrupted. Go on with the same command\n');
    expect(readClusterState(name)).toBeDefined();
    const down = await run('down');
    expect(down.code, down.output).toBe(0);
    expect(existsSync(stateFolder(name))).toBe(false);
  });

  test('a "down" removes what an interrupted "up" has left', async () => {
    const { name, port, run, interruptAt, takeCalls } = await setUp();
    const context = provider === 'existing' ? ['--context', 'staging', '--tag', 'TAG'] : [];
    const args = ['--provider', provider, '--port', String(port), ...context, '--no-gitops'];
    await interruptAt(begin, 'up', ...args);
    takeCalls();
    const down = await run('down');
    expect(down.code, down.output).toBe(0);
    expect(takeCalls().length).toBeGreaterThan(0);
    expect(existsSync(stateFolder(name))).toBe(false);
  });
});

describe('status', () => {
  test('tells the footprint of a cluster of its own', async () => {
    const { name, port, run, serveAfter, write } = await setUp();
    const served = serveAfter('upgrade --install store');
    await run('up', '--provider', 'kind', '--port', String(port), '--no-gitops');
    await served;
    const before = await run('status');
    expect(before.output).toContain('Memory      not measured: metrics-server does not answer (yet)\n');
    // One file for pods and nodes: each has what the other lacks.
    const usage = { memory: '204800Ki' };
    const [theirs, ours] = ['strangers', 'meshmart'].map((namespace) => ({
      metadata: { namespace },
      containers: [{ usage: { memory: '51200Ki' } }],
      usage,
    }));
    write('metrics.json', JSON.stringify({ items: [theirs, ours] }));
    const { code, output } = await run('status');
    expect(code, output).toBe(0);
    expect(output).toBe(`Node        node-1, ready
Gateway     http://127.0.0.1:${port}
KUBECONFIG  ${stateFolder(name)}/kubeconfig
Kubernetes  v1.34.3, containerd://2.1
Mesh        Istio ${versions.istioRelease}, Gateway API ${versions.gatewayApi}
Memory      400 MiB: node 300 MiB, pods 100 MiB
Requests    100m CPU, 256 MiB of 2 pods

meshmart   order   1/1  Running
strangers  theirs  1/1  Running
`);
  });

  test('tells of a cluster that somebody has only what is ours', async () => {
    const { port, run, serveAfter, write } = await setUp();
    const served = serveAfter('port-forward');
    const context = ['--context', 'staging', '--tag', 't'];
    await run('up', '--provider', 'existing', '--port', String(port), ...context);
    await served;
    const pods = ['strangers', 'meshmart'].map((namespace) => ({
      metadata: { namespace },
      containers: [{ usage: { memory: '51200Ki' } }],
    }));
    write('metrics.json', JSON.stringify({ items: pods }));
    const { output } = await run('status');
    expect(output).toContain(
      'Memory      50 MiB of 1 pods\nRequests    50m CPU, 128 MiB of 1 pods\n\nmeshmart  order',
    );
    expect(output).not.toContain('strangers');
  });

  test('tells how a cluster comes to be that is not there, or only half', async () => {
    const { name, port, run, interruptAt } = await setUp();
    const line = `./meshmart cluster up --name ${name}\n`;
    expect(await run('status')).toEqual({ code: 1, output: `Cluster "${name}" is not there: ${line}` });
    await interruptAt('kind create*', 'up', '--provider', 'kind', '--port', String(port));
    expect(await run('status')).toEqual({ code: 1, output: `Cluster "${name}" stands still: ${line}` });
  });
});

describe('a machine that lacks something is told so', () => {
  test.each([
    ['kind', 'docker', undefined, /There is no docker on the PATH; install it: https:\/\/docs.docker.com/],
    ['kind', 'kind', undefined, /There is no kind on the PATH; install it: https:\/\/kind.sigs.k8s.io/],
    ['minikube', 'helm', undefined, /There is no helm on the PATH; install it: https:\/\/helm.sh/],
    ['kind', 'kind', 'echo kind v0.20.0', /kind 0.30 or newer is needed, and this one is kind v0.20.0; get/],
    [
      'kind',
      'docker',
      'echo "Is the docker daemon running?" >&2; exit 1',
      /docker does not work here: .*daemon/,
    ],
  ])('provider %s with %s: %s', async (provider, program, script, message) => {
    const { name, run, file, takeCalls } = await setUp();
    rmSync(file(`bin/${program}`));
    if (script) writeExecutable(file(`bin/${program}`), script);
    const { code, output } = await run('up', '--provider', provider);
    expect(output).toMatch(message);
    expect(code).toBe(1);
    expect(takeCalls().filter((call) => /create|start/.test(call))).toEqual([]);
    expect(readClusterState(name)).toBeUndefined();
  });

  test('and what makes a cluster, when nothing does', async () => {
    const { run, file } = await setUp();
    for (const program of ['kind', 'minikube']) rmSync(file(`bin/${program}`));
    const { code, output } = await run('up');
    expect(output).toMatch(
      /^Nothing on this machine makes a cluster. Any of these does:\n {2}kind \(https.*\n.*\n {2}the provider "from-source", but: /m,
    );
    expect(code).toBe(1);
  });
});

describe('what goes wrong on the way is said with the next step', () => {
  test.each([
    ['docker build*', 'docker failed (exit code 1): no space left on device'],
    ['kind load*', 'kind failed (exit code 1): no space left on device'],
    ['helm*upgrade*', 'helm failed (exit code 1): no space left on device'],
  ])('%s', async (call, message) => {
    const { name, port, run, write } = await setUp();
    write('fail', call);
    const { code, output } = await run('up', '--provider', 'kind', '--port', String(port), '--no-gitops');
    expect(code).toBe(1);
    expect(output).toContain(
      `${message}\nGo on with the same command, or remove the cluster: ./meshmart cluster down --name ${name}\nLogs of the nodes: kind export logs --name ${name}\n`,
    );
  });

  test("a stranger's cluster of the same name is left alone", async () => {
    const { name, run, write, takeCalls } = await setUp();
    write('clusters', `${name}\n`);
    const { code, output } = await run('up', '--provider', 'kind');
    expect(output).toContain(
      `There is a cluster "${name}" of kind's that "up" has not made; choose another name`,
    );
    expect(code).toBe(1);
    expect((await run('down')).output).toContain('There is no cluster');
    expect(takeCalls().filter((call) => /create|delete|start/.test(call))).toEqual([]);
  });

  test('an option of another provider is refused', async () => {
    const { run } = await setUp();
    const { code, output } = await run('up', '--provider', 'kind', '--context', 'staging');
    expect(output).toBe('The provider "kind" knows no --context; it is for existing\n');
    expect(code).toBe(1);
  });
});
