import { versions } from '@meshmart/toolchain/versions';
import type { MeshSource, ProviderName } from './provider.ts';

const github = 'https://github.com/kubernetes-sigs';
const istioCharts = 'https://istio-release.storage.googleapis.com/charts';

/** Returns the official releases of Istio, the Gateway API and metrics-server. */
export function releasedMesh(provider: ProviderName): Required<MeshSource> {
  return {
    provider,
    title: `Istio ${versions.istioRelease}`,
    chart: (name) => [name, '--repo', istioCharts, '--version', versions.istioRelease],
    gatewayApi: `${github}/gateway-api/releases/download/v${versions.gatewayApi}/standard-install.yaml`,
    metricsServer: {
      manifests: `${github}/metrics-server/releases/download/v${versions.metricsServer}/components.yaml`,
      // Kubelets of kind and minikube have self-signed certificates.
      kubeletTrust: '--kubelet-insecure-tls',
    },
  };
}
