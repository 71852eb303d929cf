import { type ClusterAccess, runIstioctl, runKubectl } from '@meshmart/cluster/access';
import { versions } from '@meshmart/toolchain/versions';

/** Of what is compared. */
export interface Versions {
  kubernetes: string;
  /** istiod's. */
  istio: string;
  /** The local platform's. */
  envoy: string;
}

export async function readVersions(access: ClusterAccess): Promise<Versions> {
  const [ofIstio, ofKubernetes] = await Promise.all([
    runIstioctl(access, ['version', '--output', 'json']),
    runKubectl(access, ['version', '--output', 'json']),
  ]);
  return {
    kubernetes: JSON.parse(ofKubernetes).serverVersion.gitVersion,
    istio: JSON.parse(ofIstio).meshVersion[0].Info.version,
    envoy: versions.envoy,
  };
}
