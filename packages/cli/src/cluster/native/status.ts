import { versions } from '../../setup/versions.ts';
import { UserError } from '../../user-error.ts';
import { type ClusterAccess, runKubectl } from '../access.ts';
import { listPods, type Pod, sumOf } from '../pods.ts';
import { accessTo } from './access.ts';
import { istioTag } from './image-recipes.ts';
import { measureMemory } from './memory.ts';
import { findNode } from './node-process.ts';
import { assertRoot } from './preconditions.ts';
import { type Cluster, findCluster } from './settings.ts';

interface NodeObject {
  status: {
    conditions: { type: string; status: string }[];
    nodeInfo: { kubeletVersion: string; containerRuntimeVersion: string };
  };
}

/** Prints how a cluster is; the exit code is 1 when it is not there, or not ready. */
export async function status(name: string): Promise<void> {
  assertRoot();
  const cluster = findCluster(name);
  if (!cluster || !findNode(cluster.layout)) {
    console.log(
      `Cluster "${name}" ${cluster ? 'stands still' : 'is not there'}: npm run cluster -- up --name ${name}`,
    );
    process.exitCode = 1;
    return;
  }
  const access = accessTo(cluster.layout);
  const [node, pods] = await Promise.all([readNode(access, name), listPods(access)]).catch((error) => {
    throw new UserError(`Kubernetes does not answer: ${error.message}\nIts logs: ${cluster.layout.logs}`);
  });
  const isReady = node.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
  const { kubeletVersion, containerRuntimeVersion } = node.status.nodeInfo;
  const rows = [
    ['Node', `${name}, ${isReady ? 'ready' : 'not ready'}`],
    ['Gateway', `http://127.0.0.1:${cluster.port}`],
    ['KUBECONFIG', cluster.layout.kubeconfig],
    ['Kubernetes', `${kubeletVersion}, ${containerRuntimeVersion}`],
    ['Mesh', `Istio ${istioTag}, Envoy ${versions.envoy}, Gateway API ${versions.gatewayApi}`],
    ...footprint(cluster, pods),
  ];
  console.log(rows.map(([label = '', text = '']) => `${label.padEnd(12)}${text}`).join('\n'));
  console.log(`\n${formatPods(pods)}`);
  if (!isReady) process.exitCode = 1;
}

async function readNode(access: ClusterAccess, name: string): Promise<NodeObject> {
  return JSON.parse(await runKubectl(access, ['get', 'node', name, '--output', 'json']));
}

function footprint({ layout }: Cluster, pods: Pod[]): string[][] {
  const { nodeBytes, podBytes } = measureMemory(layout);
  const cpus = sumOf(pods.map(({ requests }) => requests.cpus));
  const bytes = sumOf(pods.map(({ requests }) => requests.bytes));
  return [
    [
      'Memory',
      `${mebibytes(nodeBytes + podBytes)}: node ${mebibytes(nodeBytes)}, pods ${mebibytes(podBytes)}`,
    ],
    ['Requests', `${Math.round(cpus * 1000)}m CPU, ${mebibytes(bytes)} of ${pods.length} pods`],
  ];
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

function formatPods(pods: Pod[]): string {
  const rows = pods.map(({ namespace, name, ready, containers, phase, restarts }) => [
    namespace,
    name,
    `${ready}/${containers}`,
    phase,
    restarts > 0 ? `${restarts} restarts` : '',
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
