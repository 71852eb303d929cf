import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTool, type ToolOptions } from '@meshmart/processes/run-tool';
import { config } from '@meshmart/toolchain/config';
import { type ContainerCluster, containerProvider } from './container-provider.ts';
import { kindNodeImage } from './released-mesh.ts';

/** Provider with nodes in Docker containers: https://kind.sigs.k8s.io. */
export const kind = containerProvider({
  provider: 'kind',
  logs: (name) => `kind export logs --name ${name}`,
  has: hasCluster,
  start: async (cluster, options) => {
    const { name, kubeconfig } = cluster;
    const isThere = await hasCluster(name, options);
    // kind writes the kubeconfig last, so the cluster is complete. After a reboot its container is stopped.
    if (isThere && existsSync(kubeconfig))
      await runTool('docker', ['start', `${name}-control-plane`], options);
    else {
      if (isThere) await remove(cluster, options);
      await create(cluster, options);
    }
  },
  load: (name, images, options) =>
    runTool('kind', ['load', 'docker-image', '--name', name, ...images], options),
  remove,
});

async function hasCluster(name: string, options?: ToolOptions): Promise<boolean> {
  return (await runTool('kind', ['get', 'clusters'], options)).split('\n').includes(name);
}

async function create(
  { name, state, kubeconfig, port }: ContainerCluster,
  options: ToolOptions,
): Promise<void> {
  rmSync(kubeconfig, { force: true });
  const template = readFileSync(join(config.root, 'cluster/kind/cluster.yaml'), 'utf8');
  const file = join(state, 'kind.yaml');
  writeFileSync(file, template.replace('@IMAGE@', kindNodeImage()).replace('@PORT@', String(port)));
  const args = ['create', 'cluster', '--name', name, '--config', file, '--kubeconfig', kubeconfig];
  await runTool('kind', args, options);
}

function remove({ name, kubeconfig }: ContainerCluster, options: ToolOptions): Promise<string> {
  return runTool('kind', ['delete', 'cluster', '--name', name, '--kubeconfig', kubeconfig], options);
}
