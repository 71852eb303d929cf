import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { STORE_NAMESPACE } from '@meshmart/cluster/store';
import { K6_IMAGE } from '@meshmart/toolchain/k6';
import { type AddressedLoad, describeEnvironment, k6Arguments } from '../k6.ts';
import type { KubeObject } from './manifests.ts';

/** No sidecar is injected there: who calls from there is no part of the mesh. */
export const namespace = 'meshmart-load';
export const name = 'k6';
const gatewayUrl = `http://gateway.${STORE_NAMESPACE}.svc.cluster.local`;

/** A load as a Job sends it: where the gateway is, it knows. */
export type JobLoad = Omit<AddressedLoad, 'gatewayUrl' | 'clientLog'>;

/** k6 as a Job under Pod Security "restricted", in a namespace of its own with the scripts. */
export async function describeJob(load: JobLoad): Promise<KubeObject[]> {
  const scripts = await readScripts(load.script);
  const keys = Object.keys(scripts);
  // What k6 writes comes back in its log: there is no shell beside it to fetch files with.
  const run = { folder: '/scripts', summaryFile: 'stdout' };
  const target = { ...load, gatewayUrl, ...(load.report ? { report: '/dev/stdout' } : {}) };
  const environment = Object.entries(describeEnvironment(target, run));
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: scripts },
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name },
      spec: {
        backoffLimit: 0,
        template: {
          metadata: { labels: { 'sidecar.istio.io/inject': 'false' } },
          spec: {
            restartPolicy: 'Never',
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 12345,
              seccompProfile: { type: 'RuntimeDefault' },
            },
            containers: [
              {
                name,
                image: K6_IMAGE,
                imagePullPolicy: 'IfNotPresent',
                args: [...k6Arguments, `/scripts/${pathOf('load.ts')}`],
                env: environment.map(([variable, value]) => ({ name: variable, value })),
                resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '1Gi' } },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ['ALL'] },
                },
                volumeMounts: [{ name: 'scripts', mountPath: '/scripts', readOnly: true }],
              },
            ],
            volumes: [
              {
                name: 'scripts',
                configMap: { name, items: keys.map((key) => ({ key, path: pathOf(key) })) },
              },
            ],
          },
        },
      },
    },
  ];
}

/** Beside the store, for clusters that enforce NetworkPolicies: what decides here is the mesh. */
export const letIn: KubeObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: namespace },
  spec: {
    podSelector: { matchLabels: { 'app.kubernetes.io/part-of': 'meshmart' } },
    policyTypes: ['Ingress'],
    ingress: [
      {
        from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } }],
        ports: [{ port: 8080 }],
      },
    ],
  },
};

/** The script, and all that scripts share, by names that a ConfigMap takes. */
async function readScripts(script: string): Promise<Record<string, string>> {
  const shared = join(dirname(script), '../../loadtest');
  const names = (await readdir(shared)).filter((file) => file.endsWith('.ts'));
  const files = [script, ...names.map((file) => join(shared, file))];
  const texts = files.map(async (file) => [basename(file), await readFile(file, 'utf8')] as const);
  return Object.fromEntries(await Promise.all(texts));
}

/** Where a script is in the pod: as far from what is shared as in the checkout. */
function pathOf(file: string): string {
  return file === 'load.ts' ? `experiments/run/${file}` : `loadtest/${file}`;
}
