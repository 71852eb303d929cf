import { type ClusterAccess, runIstioctl, runKubectl } from '@meshmart/cluster/access';
import { versions } from '@meshmart/toolchain/versions';

/** The versions that are compared. */
export interface Versions {
  kubernetes: string;
  istio: string;
  /** The version on the local platform. */
  envoy: string;
}

/** Reads the versions of a cluster. @throws when kubectl or istioctl fails */
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
