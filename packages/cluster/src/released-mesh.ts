import { releases, versions } from '@meshmart/toolchain/versions';
import type { MeshSource, ProviderName } from './provider.ts';

/** Returns the official releases of Istio, the Gateway API and metrics-server. */
export function releasedMesh(provider: ProviderName): Required<Omit<MeshSource, 'existing'>> {
  return {
    provider,
    title: `Istio ${versions.istioRelease}`,
    chart: (name) => [name, '--repo', releases.istioCharts, '--version', versions.istioRelease],
    gatewayApi: releases.gatewayApi,
    metricsServer: {
      manifests: releases.metricsServer,
      // Kubelets of kind and minikube have self-signed certificates.
      kubeletTrust: '--kubelet-insecure-tls',
    },
  };
}
