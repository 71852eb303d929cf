import { dirname, isAbsolute, join } from 'node:path';
import { runTool, type ToolOptions } from '@meshmart/processes/run-tool';

/** How a cluster is reached, whoever provides it. */
export interface ClusterAccess {
  kubeconfig: string;
  /** A folder for what the programs remember. */
  caches: string;
  /** Paths of the programs. */
  kubectl: string;
  helm: string;
  istioctl: string;
}

/** With the programs that are on the PATH. */
export function accessFromPath(kubeconfig: string, state: string): ClusterAccess {
  const programs = { kubectl: 'kubectl', helm: 'helm', istioctl: 'istioctl' };
  return { kubeconfig, caches: join(state, 'caches'), ...programs };
}

/** What a shell takes, for kubectl to be there and to know the cluster. */
export function shellLine({ kubeconfig, kubectl }: ClusterAccess): string {
  const path = isAbsolute(kubectl) ? ` PATH=${dirname(kubectl)}:$PATH` : '';
  return `export KUBECONFIG=${kubeconfig}${path}`;
}

export function kubectlLine({ kubeconfig, kubectl }: ClusterAccess, args: string[]): string {
  return [kubectl, '--kubeconfig', kubeconfig, ...args].join(' ');
}

/** @returns what kubectl wrote to standard output */
export function runKubectl(access: ClusterAccess, args: string[], options?: ToolOptions): Promise<string> {
  return run(access.kubectl, access, args, options);
}

export function runHelm(access: ClusterAccess, args: string[], options?: ToolOptions): Promise<string> {
  return run(access.helm, access, args, options);
}

export function runIstioctl(access: ClusterAccess, args: string[], options?: ToolOptions): Promise<string> {
  return run(access.istioctl, access, args, options);
}

/** What they keep in the user's home otherwise goes with the cluster. */
function run(program: string, { kubeconfig, caches }: ClusterAccess, args: string[], options?: ToolOptions) {
  const env = {
    KUBECACHEDIR: join(caches, 'kubectl'),
    HELM_CACHE_HOME: join(caches, 'helm/cache'),
    HELM_CONFIG_HOME: join(caches, 'helm/config'),
    HELM_DATA_HOME: join(caches, 'helm/data'),
  };
  return runTool(program, ['--kubeconfig', kubeconfig, ...args], { ...options, env });
}
