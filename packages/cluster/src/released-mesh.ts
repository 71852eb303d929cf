import { readFileSync } from 'node:fs';
import { config } from '@meshmart/toolchain/config';
import { releases, versions } from '@meshmart/toolchain/versions';
import type { Cluster, IstioChart, MeshSource, ProviderName } from './provider.ts';

/** Sources of the programs in a cluster. The file `CLUSTER_SOURCES` has others, for a machine without a registry. */
interface ClusterSources {
  /** kind's node image. */
  nodeImage: string;
  title: string;
  /** Arguments with which `helm template` finds a chart and its images. */
  charts: Record<IstioChart, string[]>;
  /** URLs, files or folders with manifests. */
  gatewayApi: string;
  metricsServer: string;
  argo: NonNullable<Cluster['argo']>;
}

const chart = (name: IstioChart) => [
  name,
  '--repo',
  releases.istioCharts,
  '--version',
  versions.istioRelease,
];

const officialReleases: ClusterSources = {
  nodeImage: releases.kindNode,
  title: `Istio ${versions.istioRelease}`,
  charts: { base: chart('base'), cni: chart('cni'), istiod: chart('istiod'), gateway: chart('gateway') },
  gatewayApi: releases.gatewayApi,
  metricsServer: releases.metricsServer,
  argo: { cd: releases.argoCd, rollouts: releases.argoRollouts },
};

/** Returns Istio, the Gateway API and metrics-server: the official releases, unless there are other sources. */
export function releasedMesh(provider: ProviderName): Required<Omit<MeshSource, 'existing'>> {
  const { title, charts, gatewayApi, metricsServer } = readSources();
  return {
    provider,
    title,
    chart: (name) => charts[name],
    gatewayApi,
    // Kubelets of kind and minikube have self-signed certificates.
    metricsServer: { manifests: metricsServer, kubeletTrust: '--kubelet-insecure-tls' },
  };
}

/** Returns the manifests of Argo CD and Argo Rollouts. */
export function argoManifests(): NonNullable<Cluster['argo']> {
  return readSources().argo;
}

/** Returns kind's node image. */
export function kindNodeImage(): string {
  return readSources().nodeImage;
}

function readSources(): ClusterSources {
  const { clusterSources } = config;
  return clusterSources === undefined ? officialReleases : JSON.parse(readFileSync(clusterSources, 'utf8'));
}
