import { runTool } from '@meshmart/processes/run-tool';
import { versions } from '@meshmart/toolchain/versions';
import { containerProvider } from './container-provider.ts';
import { GATEWAY_NODE_PORT } from './provider.ts';

/** Size of the node: enough for Kubernetes, the mesh, the store and Prometheus. */
const size = ['--cpus', '2', '--memory', '4g'];

/** Provider with nodes in Docker containers: https://minikube.sigs.k8s.io. */
export const minikube = containerProvider({
  provider: 'minikube',
  logs: (name) => `minikube logs --profile ${name}`,
  has: async (name) => {
    const list = await runTool('minikube', ['profile', 'list', '--light', '--output', 'json']);
    const { valid, invalid }: Record<'valid' | 'invalid', { Name: string }[]> = JSON.parse(list);
    return [...valid, ...invalid].some(({ Name }) => Name === name);
  },
  // `minikube start` continues after an interrupted start.
  start: ({ name, kubeconfig, port }, options) => {
    const args = ['start', '--profile', name, '--driver', 'docker', '--container-runtime', 'containerd'];
    const version = ['--kubernetes-version', `v${versions.kubernetesNode}`];
    const ports = ['--ports', `127.0.0.1:${port}:${GATEWAY_NODE_PORT}`];
    return runMinikube(kubeconfig, [...args, ...version, ...ports, ...size], options);
  },
  load: (name, images, options) =>
    runTool('minikube', ['image', 'load', '--profile', name, ...images], options),
  remove: ({ name, kubeconfig }, options) => runMinikube(kubeconfig, ['delete', '--profile', name], options),
});

/** Runs minikube with this kubeconfig. It has no option for that, and would change the user's. */
function runMinikube(kubeconfig: string, args: string[], options: Parameters<typeof runTool>[2]) {
  return runTool('minikube', args, { ...options, env: { KUBECONFIG: kubeconfig } });
}
