import { dirname, isAbsolute, join } from 'node:path';
import { runTool, type ToolOptions } from '@meshmart/processes/run-tool';

/** Everything that kubectl, Helm and istioctl need to reach a cluster. */
export interface ClusterAccess {
  kubeconfig: string;
  /** Folder for the programs' caches. */
  caches: string;
  /** Paths of the programs, or their names if they are on the PATH. */
  kubectl: string;
  helm: string;
  istioctl: string;
}

/** Returns access with the programs on the PATH. */
export function accessFromPath(kubeconfig: string, state: string): ClusterAccess {
  const programs = { kubectl: 'kubectl', helm: 'helm', istioctl: 'istioctl' };
  return { kubeconfig, caches: join(state, 'caches'), ...programs };
}

/** Returns the line that makes a shell find kubectl and the cluster. */
export function shellLine({ kubeconfig, kubectl }: ClusterAccess): string {
  const path = isAbsolute(kubectl) ? ` PATH=${dirname(kubectl)}:$PATH` : '';
  return `export KUBECONFIG=${kubeconfig}${path}`;
}

/** Returns a kubectl command for this cluster, for people to copy. */
export function kubectlLine({ kubeconfig, kubectl }: ClusterAccess, args: string[]): string {
  return [kubectl, '--kubeconfig', kubeconfig, ...args].join(' ');
}

/** Runs kubectl. @returns its standard output @throws ToolFailedError */
export function runKubectl(access: ClusterAccess, args: string[], options?: ToolOptions): Promise<string> {
  return run(access.kubectl, access, args, options);
}

/** Runs Helm. @returns its standard output @throws ToolFailedError */
export function runHelm(access: ClusterAccess, args: string[], options?: ToolOptions): Promise<string> {
  return run(access.helm, access, args, options);
}

/** Runs istioctl. @returns its standard output @throws ToolFailedError */
export function runIstioctl(access: ClusterAccess, args: string[], options?: ToolOptions): Promise<string> {
  return run(access.istioctl, access, args, options);
}

/** Runs a program with its caches in the cluster's folder, not in the user's home. */
function run(program: string, { kubeconfig, caches }: ClusterAccess, args: string[], options?: ToolOptions) {
  const env = {
    KUBECACHEDIR: join(caches, 'kubectl'),
    HELM_CACHE_HOME: join(caches, 'helm/cache'),
    HELM_CONFIG_HOME: join(caches, 'helm/config'),
    HELM_DATA_HOME: join(caches, 'helm/data'),
  };
  return runTool(program, ['--kubeconfig', kubeconfig, ...args], { ...options, env });
}
