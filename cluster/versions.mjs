/**
 * The version of everything that is fetched or built and is no npm dependency (those are in package-lock.json). Plain
 * JavaScript: the entry reads it on whatever Node happens to be there.
 */
export const versions = {
  node: '24.21.0',
  /** Goes into the image of Node, as into the official one. */
  npm: '11.19.1',
  envoy: '1.40.0',
  k6: '1.8.1',
  /** With all that it needs in packages/toolchain/src/schemathesis.txt, since a Python package does not say so itself. */
  schemathesis: '4.32.5',
  /** The release of the base images. */
  debian: 'bookworm',
  /** The newest line that takes Debian's containerd 1.6, and the first whose kubelet leaves pods ready when it begins anew. */
  kubernetes: '1.35.4',
  /** Of kind and minikube: `kindest/node` has images of some versions only, and the oldest minikube taken here knows this line. */
  kubernetesNode: '1.34.3',
  coredns: '1.14.7',
  helm: '3.22.0',
  metricsServer: '0.9.0',
  /** The next one needs a module that the module proxy does not serve. */
  prometheus: '3.15.0',
  /** The newest that is tagged as a Go module too. */
  jaeger: '2.13.0',
  argoCd: '3.2.0',
  /** What its manifests ask for; Debian's own goes for it where there is no registry. */
  argoCdRedis: '8.2.2-alpine',
  argoRollouts: '1.10.2',
  /** What the charts are judged by in the proofs. */
  kubeScore: '1.20.0',
  /** What Istio's own go.mod asks for. */
  gatewayApi: '1.6.0',
  istioLine: '1.31',
  /** Charts and images, where they can be fetched. */
  istioRelease: '1.31.0',
  /** Istio's releases are no Go modules: this is a commit of the line, as the module proxy names it. */
  istio: '0.0.0-20260827124520-eed52ebb66ad',
};
