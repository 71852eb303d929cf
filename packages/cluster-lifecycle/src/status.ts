import { type ClusterAccess, kubectlLine, runKubectl } from '@meshmart/cluster/access';
import { listPods, type Pod, sumOf } from '@meshmart/cluster/pods';
import { type Cluster, commandLine } from '@meshmart/cluster/provider';
import { UserError } from '@meshmart/terminal/user-error';
import { versions } from '@meshmart/toolchain/versions';
import { openCluster } from './choose-provider.ts';

interface NodeObject {
  metadata: { name: string };
  status: {
    conditions: { type: string; status: string }[];
    nodeInfo: { kubeletVersion: string; containerRuntimeVersion: string };
  };
}

/** Prints the status of a cluster. Sets exit code 1 if it does not exist, does not run or is not ready. */
export async function status(name: string): Promise<void> {
  const cluster = await openCluster(name);
  if (!cluster?.isRunning()) {
    console.log(`Cluster "${name}" ${cluster ? 'is stopped' : 'does not exist'}: ${commandLine('up', name)}`);
    process.exitCode = 1;
    return;
  }
  const { access, mesh, namespaces } = cluster;
  const [nodes, pods] = await Promise.all([readNodes(access), listPods(access, namespaces)]).catch(
    (error) => {
      throw new UserError(`Kubernetes does not respond: ${error.message}\nLogs: ${cluster.logs}`);
    },
  );
  const isReady = nodes.every((node) => isTrue(node, 'Ready'));
  const { kubeletVersion = '', containerRuntimeVersion = '' } = nodes[0]?.status.nodeInfo ?? {};
  const rows = [
    ['Node', `${nodes.map(({ metadata }) => metadata.name).join(', ')}, ${isReady ? 'ready' : 'not ready'}`],
    ['Gateway', await describeGateway(cluster)],
    ['KUBECONFIG', access.kubeconfig],
    ['Kubernetes', `${kubeletVersion}, ${containerRuntimeVersion}`],
    ['Mesh', mesh.gatewayApi ? `${mesh.title}, Gateway API ${versions.gatewayApi}` : mesh.title],
    ['Memory', await describeMemory(cluster, pods)],
    ['Requests', describeRequests(pods)],
  ];
  console.log(rows.map(([label = '', text = '']) => `${label.padEnd(12)}${text}`).join('\n'));
  console.log(`\n${formatPods(pods)}`);
  if (!isReady) process.exitCode = 1;
}

async function readNodes(access: ClusterAccess): Promise<NodeObject[]> {
  return JSON.parse(await runKubectl(access, ['get', 'nodes', '--output', 'json'])).items;
}

function isTrue({ status }: NodeObject, condition: string): boolean {
  return status.conditions.some(({ type, status }) => type === condition && status === 'True');
}

async function describeGateway(cluster: Cluster): Promise<string> {
  const { url, forward } = await cluster.findGateway();
  return forward ? `${url}, while this command runs: ${kubectlLine(cluster.access, forward)}` : url;
}

async function describeMemory(cluster: Cluster, pods: Pod[]): Promise<string> {
  const use = await cluster.measureMemory();
  if (!use) return 'not measured: metrics-server does not respond (yet)';
  const { podBytes, nodeBytes } = use;
  if (nodeBytes === undefined) return `${mebibytes(podBytes)} of ${pods.length} pods`;
  return `${mebibytes(nodeBytes + podBytes)}: node ${mebibytes(nodeBytes)}, pods ${mebibytes(podBytes)}`;
}

function describeRequests(pods: Pod[]): string {
  const cpus = sumOf(pods.map(({ requests }) => requests.cpus));
  const bytes = sumOf(pods.map(({ requests }) => requests.bytes));
  return `${Math.round(cpus * 1000)}m CPU, ${mebibytes(bytes)} of ${pods.length} pods`;
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
