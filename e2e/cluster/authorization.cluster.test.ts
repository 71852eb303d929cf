import { join } from 'node:path';
import { runKubectl } from '@meshmart/cluster/access';
import { STORE_NAMESPACE } from '@meshmart/cluster/store';
import { readTopology } from '@meshmart/store-client/topology';
import { config } from '@meshmart/toolchain/config';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attemptsOf, peerCalls } from '../authorization/attempts.ts';
import { harmlessCall } from '../authorization/through-mesh.ts';
import { callFrom, type PodCall } from './calls-from-pods.ts';
import { findStandingCluster } from './standing-cluster.ts';

const { services } = await readTopology(join(config.root, 'topology.yaml'));
const names = Object.keys(services);
const cluster = findStandingCluster();
const outside = 'meshmart-outside';

/** Lists every route of every service with a call that has no effect. */
const everywhere = names.flatMap((callee) =>
  Object.keys(attemptsOf(callee)).map((key) => {
    const [method = '', url = ''] = key.split(' ');
    return { callee, key, call: harmlessCall({ method, url }) };
  }),
);

/** @returns a line for each difference */
async function compare(
  send: (calls: PodCall[]) => Promise<string[]>,
  expected: (callee: string, key: string) => string,
): Promise<string[]> {
  const outcomes = await send(
    everywhere.map(({ callee, call }) => ({ method: call.method, url: `http://${callee}${call.path}` })),
  );
  return everywhere.flatMap(({ callee, key }, index) => {
    const wanted = expected(callee, key);
    return outcomes[index] === wanted ? [] : [`${key} of ${callee}: ${outcomes[index]}, not ${wanted}`];
  });
}

beforeAll(async () => {
  await deletePods();
  await runKubectl(cluster.access, ['create', 'namespace', outside]);
  await startPod('stranger', STORE_NAMESPACE);
  await startPod('outsider', outside);
});
afterAll(deletePods);

async function deletePods() {
  const args = ['--ignore-not-found', '--grace-period=1', '--timeout=2m'];
  await runKubectl(cluster.access, ['delete', 'pod', 'stranger', '-n', STORE_NAMESPACE, ...args]);
  await runKubectl(cluster.access, ['delete', 'namespace', outside, ...args]);
}

/** Creates a pod of the namespace's default service account, which no policy names. */
async function startPod(name: string, namespace: string) {
  const ofUser = ['get', 'deployment', 'user-v1', '-n', STORE_NAMESPACE];
  const image = await runKubectl(cluster.access, [
    ...ofUser,
    '--output=jsonpath={.spec.template.spec.containers[0].image}',
  ]);
  const overrides = {
    spec: {
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'service',
          image,
          imagePullPolicy: 'IfNotPresent',
          command: ['node', '--eval', 'setInterval(() => {}, 1000)'],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  };
  const args = ['run', name, '-n', namespace, `--image=${image}`, '--restart=Never'];
  await runKubectl(cluster.access, [...args, `--overrides=${JSON.stringify(overrides)}`]);
  await runKubectl(cluster.access, [
    'wait',
    '-n',
    namespace,
    '--for=condition=Ready',
    `pod/${name}`,
    '--timeout=3m',
  ]);
}

const deployments = Object.entries(services).flatMap(([service, { versions }]) =>
  Object.keys(versions).map((version) => ({ service, deployment: `deployment/${service}-${version}` })),
);

describe('the mesh on the cluster', () => {
  test.each(deployments)(
    'lets $deployment call the routes of its peers that it needs, and no others',
    async ({ service, deployment }) => {
      const wrong = await compare(
        (calls) => callFrom(cluster, deployment, calls),
        (callee, key) => (peerCalls[`${service} → ${callee}`]?.includes(key) ? callee : 'denied'),
      );
      expect(wrong).toEqual([]);
    },
  );

  test('denies everything to a pod whose identity no policy names', async () => {
    const { spec } = JSON.parse(
      await runKubectl(cluster.access, ['get', 'pod', 'stranger', '-n', STORE_NAMESPACE, '--output', 'json']),
    );
    expect(spec.serviceAccountName).toBe('default');
    const wrong = await compare(
      (calls) => callFrom(cluster, 'pod/stranger', calls),
      () => 'denied',
    );
    expect(wrong).toEqual([]);
  });

  test('cuts callers from outside, by a service name and by a pod address', async () => {
    const send = (calls: PodCall[]) => callFrom(cluster, 'pod/outsider', calls, { namespace: outside });
    const byName = await compare(
      (calls) => send(calls.map(({ method, url }) => ({ method, url: inNamespace(url) }))),
      () => 'cut',
    );
    expect(byName).toEqual([]);
    const { items } = JSON.parse(
      await runKubectl(cluster.access, [
        ...['get', 'pods', '-n', STORE_NAMESPACE, '--selector', `app in (${names.join(',')})`],
        ...['--output', 'json'],
      ]),
    );
    expect(items.length).toBeGreaterThanOrEqual(deployments.length);
    const byAddress = await send(
      items.map(({ status }: { status: { podIP: string } }) => ({
        method: 'GET',
        url: `http://${status.podIP}:8080/health/live`,
      })),
    );
    expect(byAddress).toEqual(items.map(() => 'cut'));
  });
});

function inNamespace(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}.${STORE_NAMESPACE}${pathname}`;
}
