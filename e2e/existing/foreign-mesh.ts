import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ClusterAccess, runHelm, runKubectl } from '@meshmart/cluster/access';
import type { Cluster, IstioChart } from '@meshmart/cluster/provider';
import { config } from '@meshmart/toolchain/config';

/** Istio as a platform team might run it. It shares no name with the one that `up` would install. */
export const foreign = {
  namespace: 'platform-mesh',
  revision: 'platform',
  trustDomain: 'corp.example',
  /** Namespace and name of the gateway. */
  gateway: { namespace: 'edge', name: 'front-door' },
};

/** Label that a namespace needs for istiod to watch it. */
const watched = { mesh: 'corporate' };

/** Installs a foreign Istio and its gateway with Helm, and the Gateway API. */
export async function installForeignMesh({ access, mesh }: Cluster): Promise<void> {
  const { namespace, revision, trustDomain, gateway } = foreign;
  if (!mesh.gatewayApi) throw new Error('the provider has no Gateway API');
  await runKubectl(access, ['apply', '--server-side', '-f', mesh.gatewayApi]);
  await makeNamespace(access, namespace, watched);
  await makeNamespace(access, gateway.namespace, { ...watched, 'istio.io/rev': revision });
  const global = { istioNamespace: namespace, imagePullPolicy: 'IfNotPresent' };
  const install = async (release: string, chart: IstioChart, where: string, values: object) => {
    const args = [
      'install',
      release,
      ...mesh.chart(chart),
      '--namespace',
      where,
      '--wait',
      '--timeout',
      '5m',
    ];
    const needed = join(config.root, 'cluster/from-source/istio', `${chart}.yaml`);
    const files = existsSync(needed) ? ['--values', needed] : [];
    const own = Object.entries(values).flatMap(([name, value]) => [
      '--set-json',
      `${name}=${JSON.stringify(value)}`,
    ]);
    await runHelm(access, [...args, ...files, ...own]);
  };
  await install('base', 'base', namespace, { global, defaultRevision: revision });
  await install('cni', 'cni', namespace, { global });
  await install('istiod', 'istiod', namespace, {
    global,
    revision,
    cni: { enabled: true },
    autoscaleEnabled: false,
    resources: { requests: { cpu: '50m', memory: '128Mi' } },
    'meshConfig.trustDomain': trustDomain,
    'meshConfig.discoverySelectors': [{ matchLabels: watched }],
  });
  await install(gateway.name, 'gateway', gateway.namespace, {
    revision,
    imagePullPolicy: 'IfNotPresent',
    autoscaling: { enabled: false },
    service: { type: 'ClusterIP' },
    // docs/how-to/bring-your-own-cluster.md asks for it.
    podAnnotations: { 'sidecar.istio.io/statsInclusionRegexps': '.*' },
  });
}

async function makeNamespace(access: ClusterAccess, name: string, labels: Record<string, string>) {
  await runKubectl(access, ['create', 'namespace', name]);
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  await runKubectl(access, ['label', 'namespace', name, ...pairs]);
}
