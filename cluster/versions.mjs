/**
 * Versions of everything that is downloaded or built, except npm dependencies (package-lock.json). Plain JavaScript,
 * because the entry script reads it with any version of Node.
 */
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
  /** For kind and minikube: has an image `kindest/node`, and the oldest accepted minikube supports it. */
  kubernetesNode: '1.34.3',
  coredns: '1.14.7',
  helm: '3.22.0',
  metricsServer: '0.9.0',
  /** The next version needs a module that the module proxy does not serve. */
  prometheus: '3.15.0',
  /** The newest version with a tag for Go modules. */
  jaeger: '2.13.0',
  argoCd: '3.2.0',
  /** The version in Argo CD's manifests. The provider `from-source` uses Debian's Redis in its place. */
  argoCdRedis: '8.2.2-alpine',
  argoRollouts: '1.10.2',
  /** Checks the charts in the cluster tests. */
  kubeScore: '1.20.0',
  /** The version in Istio's go.mod. */
  gatewayApi: '1.6.0',
  istioLine: '1.31',
  /** Official charts and images. */
  istioRelease: '1.31.0',
  /** Istio does not publish its releases as Go modules. This is a commit of the release branch. */
  istio: '0.0.0-20260827124520-eed52ebb66ad',
};
