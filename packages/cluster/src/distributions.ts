import { type ClusterAccess, runKubectl } from './access.ts';

interface Distribution {
  isNode(name: string, kubelet: string): boolean;
  /** Values of Istio's chart "cni". */
  cni: string[];
}

/** Kubernetes distributions with another folder for CNI plugins. */
const distributions = {
  k3d: { isNode: (name) => name.startsWith('k3d-'), cni: ['global.platform=k3d'] },
  k3s: { isNode: (_, kubelet) => kubelet.includes('+k3s'), cni: ['global.platform=k3s'] },
  gke: {
    isNode: (_, kubelet) => kubelet.includes('-gke.'),
    // The chart's platform "gke" reads a suffix of the version that `helm template` drops.
    cni: ['cniBinDir=/home/kubernetes/bin', 'resourceQuotas.enabled=true'],
  },
} satisfies Record<string, Distribution>;

export type DistributionName = keyof typeof distributions;

/** Recognises the distribution by its first node. @returns undefined if it needs no special values */
export async function findDistribution(access: ClusterAccess): Promise<DistributionName | undefined> {
  const { items } = JSON.parse(await runKubectl(access, ['get', 'nodes', '--output', 'json']));
  const { metadata, status } = items[0];
  const names = Object.keys(distributions) as DistributionName[];
  return names.find((name) => distributions[name].isNode(metadata.name, status.nodeInfo.kubeletVersion));
}

/** Returns Helm arguments for Istio's chart "cni". */
export function cniValues(distribution: DistributionName | undefined): string[] {
  return distribution ? distributions[distribution].cni.flatMap((value) => ['--set', value]) : [];
}
