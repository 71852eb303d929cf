import { readFileSync } from 'node:fs';
import { config } from '@meshmart/toolchain/config';
import { releases, versions } from '@meshmart/toolchain/versions';
import { releasedArgo } from './gitops/argo-cd.ts';
import type { Cluster, IstioChart, MeshSource, ProviderName } from './provider.ts';

/** Sources in place of the official releases, for a machine without a registry: the file `CLUSTER_SOURCES`. */
interface OtherSources {
  /** kind's node image, which Docker has. */
  nodeImage: string;
  title: string;
  /** Arguments with which `helm template` finds a chart and its images. */
  charts: Record<IstioChart, string[]>;
  /** Files or folders with manifests. */
  gatewayApi: string;
  metricsServer: string;
  argo: NonNullable<Cluster['argo']>;
}

// Kubelets of kind and minikube have self-signed certificates.
const kubeletTrust = '--kubelet-insecure-tls';

/** Returns the official releases of Istio, the Gateway API and metrics-server, unless there are other sources. */
export function releasedMesh(provider: ProviderName): Required<Omit<MeshSource, 'existing'>> {
  const other = readOtherSources();
  if (other) {
    const { title, charts, gatewayApi, metricsServer: manifests } = other;
    return {
      provider,
      title,
      chart: (name) => charts[name],
      gatewayApi,
      metricsServer: { manifests, kubeletTrust },
    };
  }
  return {
    provider,
    title: `Istio ${versions.istioRelease}`,
    chart: (name) => [name, '--repo', releases.istioCharts, '--version', versions.istioRelease],
    gatewayApi: releases.gatewayApi,
    metricsServer: { manifests: releases.metricsServer, kubeletTrust },
  };
}

/** Returns the manifests of Argo CD and Argo Rollouts. */
export function argoManifests(): NonNullable<Cluster['argo']> {
  return readOtherSources()?.argo ?? releasedArgo;
}

/** Returns kind's node image. */
export function kindNodeImage(): string {
  return readOtherSources()?.nodeImage ?? releases.kindNode;
}

function readOtherSources(): OtherSources | undefined {
  const { clusterSources } = config;
  return clusterSources === undefined ? undefined : JSON.parse(readFileSync(clusterSources, 'utf8'));
}
