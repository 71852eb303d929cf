import { type ClusterAccess, runKubectl } from './access.ts';

interface Distribution {
  isNode(name: string, kubelet: string): boolean;
  /** For Istio's chart "cni". */
  cni: string[];
}

/** Distributions of Kubernetes that keep their CNI plugins elsewhere than most. */
const distributions = {
  k3d: { isNode: (name) => name.startsWith('k3d-'), cni: ['global.platform=k3d'] },
  k3s: { isNode: (_, kubelet) => kubelet.includes('+k3s'), cni: ['global.platform=k3s'] },
  gke: {
    isNode: (_, kubelet) => kubelet.includes('-gke.'),
    // The chart's own "gke" looks at the end of the version, which Helm cuts off when it only renders.
    cni: ['cniBinDir=/home/kubernetes/bin', 'resourceQuotas.enabled=true'],
  },
} satisfies Record<string, Distribution>;

export type DistributionName = keyof typeof distributions;

/** @returns undefined where nothing has to be otherwise */
export async function findDistribution(access: ClusterAccess): Promise<DistributionName | undefined> {
  const { items } = JSON.parse(await runKubectl(access, ['get', 'nodes', '--output', 'json']));
  const { metadata, status } = items[0];
  const names = Object.keys(distributions) as DistributionName[];
  return names.find((name) => distributions[name].isNode(metadata.name, status.nodeInfo.kubeletVersion));
}

/** Arguments of helm for Istio's chart "cni". */
export function cniValues(distribution: DistributionName | undefined): string[] {
  return distribution ? distributions[distribution].cni.flatMap((value) => ['--set', value]) : [];
}
