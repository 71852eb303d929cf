// Versions, addresses and digests of everything that is downloaded or built, except npm dependencies (package-lock.json). Plain
// JavaScript, because the entry script reads it with any version of Node.

export const versions = {
  node: '24.21.0',
  /** Part of the image of Node, like in the official one. */
  npm: '11.19.1',
  envoy: '1.40.0',
  k6: '1.8.1',
  /** packages/toolchain/src/schemathesis.txt pins its dependencies. */
  schemathesis: '4.32.5',
  /** The release of the base images. */
  debian: 'bookworm',
  /** The newest minor for Debian's containerd 1.6; the first whose kubelet keeps pods ready when it restarts. */
  kubernetes: '1.35.4',
  /** For kind and minikube: kind 0.33 has an image of it. */
  kubernetesNode: '1.35.8',
  coredns: '1.14.7',
  helm: '3.22.0',
  metricsServer: '0.9.0',
  /** The next version needs a module that the module proxy does not serve. */
  prometheus: '3.15.0',
  /** The newest version with a tag for Go modules. */
  jaeger: '2.13.0',
  argoCd: '3.6.1',
  /** The version in Argo CD's manifests. The provider `from-source` uses Debian's Redis in its place. */
  argoCdRedis: '8.10.1-alpine',
  argoRollouts: '1.10.2',
  /** Checks the charts in the cluster tests. */
  kubeScore: '1.20.0',
  /** The newest patch of the minor version in Istio's go.mod. */
  gatewayApi: '1.6.3',
  istioLine: '1.31',
  /** Official charts and images. */
  istioRelease: '1.31.1',
  /** Istio does not publish its releases as Go modules. This is a commit of the release branch. */
  istio: '0.0.0-20260827124520-eed52ebb66ad',
};

const argo = 'https://raw.githubusercontent.com/argoproj';
const sigs = 'https://github.com/kubernetes-sigs';

/** Official releases for clusters. The provider `from-source` builds the same from Go modules. */
export const releases = {
  /** Also published as oci://ghcr.io/istio/release/charts. */
  istioCharts: 'https://blob.istio.io/istio-release/charts',
  gatewayApi: `${sigs}/gateway-api/releases/download/v${versions.gatewayApi}/standard-install.yaml`,
  metricsServer: `${sigs}/metrics-server/releases/download/v${versions.metricsServer}/components.yaml`,
  argoCd: `${argo}/argo-cd/v${versions.argoCd}/manifests/install.yaml`,
  argoRollouts: `${argo}/argo-rollouts/v${versions.argoRollouts}/manifests/install.yaml`,
  kindNode: `docker.io/kindest/node:v${versions.kubernetesNode}@sha256:07b2536e30b803ed61d1677a79df6115f798ce64c80f9e22f6ed45afd09323c0`,
};

/**
 * Last day with security fixes, by the name in `versions`. Without an entry, the project publishes no date.
 *
 * @type {Partial<Record<keyof typeof versions, string>>}
 */
export const supportedUntil = {
  node: '2028-04-30',
  envoy: '2027-10-13', // a year after its release
  debian: '2028-06-30', // by Debian's LTS team
  kubernetes: '2027-02-28',
  kubernetesNode: '2027-02-28',
  helm: '2026-11-11', // of Helm 3
  argoCd: '2027-08-03', // expected, with the release of 3.9
  istioRelease: '2027-03-31', // expected, six weeks after the release of 1.33
  istio: '2027-03-31',
};
