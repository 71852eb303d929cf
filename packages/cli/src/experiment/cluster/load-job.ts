import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { STORE_NAMESPACE } from '../../cluster/store.ts';
import { throwIfInterrupted } from '../../interruption.ts';
import { K6_IMAGE } from '../../setup/k6.ts';
import type { K6Summary } from '../define.ts';
import { type AddressedLoad, describeEnvironment, k6Arguments, thresholdsCrossed } from '../k6.ts';
import type { Kube } from './kube.ts';
import type { KubeObject } from './manifests.ts';

/** No sidecar is injected there: who calls from there is no part of the mesh. */
const namespace = 'meshmart-load';
const name = 'k6';
const inNamespace = ['--namespace', namespace];
const pauseMs = 1000;
/** Of an image that has to be pulled first. */
const startTimeoutS = 180;
const gatewayUrl = `http://gateway.${STORE_NAMESPACE}.svc.cluster.local`;

type JobLoad = Omit<AddressedLoad, 'gatewayUrl' | 'from' | 'clientLog'>;

interface PodObject {
  metadata: { name: string };
  status: { containerStatuses?: { state: ContainerState }[] };
}

interface ContainerState {
  waiting?: { reason?: string; message?: string };
  terminated?: { exitCode: number };
}

/**
 * Runs k6 once as a Job beside the store and gives its summary; afterwards nothing of it is left. `signal` ends it early and
 * rejects; a script that does not load or a k6 that breaks off rejects with what k6 said last.
 */
export async function runLoadJob(kube: Kube, load: JobLoad, signal: AbortSignal): Promise<K6Summary> {
  throwIfInterrupted(signal);
  try {
    await kube.send('apply', [letIn]);
    await kube.send('apply', await describeJob(load), ...inNamespace);
    const { pod, exitCode } = await waitForEnd(kube, load.durationS, signal);
    const output = parseOutput(await kube.run('logs', pod, ...inNamespace));
    if (exitCode !== 0 && exitCode !== thresholdsCrossed) {
      throw new Error(`k6 ended with code ${exitCode}: ${output.rest.slice(-2000)}`);
    }
    if (load.report) await writeFile(load.report, output.report);
    return JSON.parse(output.summary).metrics;
  } finally {
    await removeLoad(kube);
  }
}

/** Takes away all that a load has brought. Waits until it is gone, since a namespace that is going takes nothing new. */
export async function removeLoad(kube: Kube): Promise<void> {
  await kube.run('delete', 'namespace', namespace, '--ignore-not-found');
  await kube.run('delete', 'networkpolicy', namespace, '--ignore-not-found');
}

async function waitForEnd(kube: Kube, durationS: number, signal: AbortSignal) {
  const deadline = Date.now() + (startTimeoutS + durationS * 6) * 1000;
  let state: ContainerState = {};
  while (Date.now() < deadline) {
    const pods = await kube.run(
      'get',
      'pods',
      ...inNamespace,
      '--selector',
      `job-name=${name}`,
      '--output',
      'json',
    );
    const [pod]: PodObject[] = JSON.parse(pods).items;
    state = pod?.status.containerStatuses?.[0]?.state ?? {};
    const { reason = '', message = '' } = state.waiting ?? {};
    if (/ImagePull/.test(reason)) throw new Error(`k6 does not start: ${reason}: ${message}`);
    if (pod && state.terminated) return { pod: pod.metadata.name, exitCode: state.terminated.exitCode };
    await sleep(pauseMs, undefined, { signal }).catch(() => {});
    throwIfInterrupted(signal);
  }
  const { reason = 'it did not end', message = '' } = state.waiting ?? {};
  throw new Error(`the Job of k6 came to nothing (${reason}) ${message}`);
}

/** The summary is one line, and the report a whole page; whatever is left, k6 said about itself. */
function parseOutput(log: string): { summary: string; report: string; rest: string } {
  const [from, to] = [log.search(/<!doctype html>/i), log.lastIndexOf('</html>')];
  const report = from < 0 ? '' : log.slice(from, to + '</html>'.length);
  const lines = log.replace(report, '\n').split('\n');
  const summary = lines.find((line) => line.startsWith('{"')) ?? '';
  return {
    summary,
    report,
    rest: lines
      .filter((line) => line !== summary)
      .join('\n')
      .trim(),
  };
}

async function describeJob(load: JobLoad): Promise<KubeObject[]> {
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

/** For clusters that enforce NetworkPolicies: what decides here is the mesh. */
const letIn: KubeObject = {
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
