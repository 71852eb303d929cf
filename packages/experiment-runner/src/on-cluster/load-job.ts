import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { throwIfInterrupted } from '@meshmart/terminal/interruption';
import { config } from '@meshmart/toolchain/config';
import { K6_IMAGE } from '@meshmart/toolchain/k6';
import type { K6Summary } from '../experiment.ts';
import { type AddressedLoad, describeEnvironment, thresholdsCrossed, wrapScript } from '../k6.ts';
import type { Kube } from './kube.ts';
import { type KubeObject, readObjects } from './manifests.ts';

const manifest = join(config.root, 'cluster/k6-job.yaml');
/** The names in that manifest. */
const [namespace, job] = ['meshmart-load', 'k6'];
const inNamespace = ['--namespace', namespace];
const ofJob = ['--selector', `job-name=${job}`];
const pauseMs = 1000;
/** Long enough to pull the image first. */
const startTimeoutS = 180;

/** A load from within the cluster, where the address of the gateway is known. */
type JobLoad = Omit<AddressedLoad, 'gatewayUrl' | 'clientLog'>;

interface PodObject {
  metadata: { name: string };
  status: { containerStatuses?: { state: ContainerState }[]; conditions?: (Waiting & { status: string })[] };
}

interface Waiting {
  reason?: string;
  message?: string;
}

interface ContainerState {
  waiting?: Waiting | undefined;
  terminated?: { exitCode: number };
}

/**
 * Runs k6 once as a Job beside the store, and removes the Job afterwards. `signal` ends it early.
 *
 * @returns k6's end-of-test summary
 * @throws an Error with k6's last output when the script does not load, k6 breaks off or its pod does not start
 */
export async function runLoadJob(kube: Kube, load: JobLoad, signal: AbortSignal): Promise<K6Summary> {
  throwIfInterrupted(signal);
  try {
    const objects = await readManifest();
    const some = (kind: string) => objects.filter((object) => object.kind === kind);
    await kube.send('apply', some('NetworkPolicy'));
    await kube.send(
      'apply',
      [...some('Namespace'), ...(await describeConfigMaps(kube, load)), ...some('Job')],
      ...inNamespace,
    );
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

async function readManifest(): Promise<KubeObject[]> {
  return JSON.parse(JSON.stringify(await readObjects([manifest])).replace('K6_IMAGE', K6_IMAGE));
}

async function describeConfigMaps({ mesh }: Kube, load: JobLoad): Promise<KubeObject[]> {
  const folder = join(dirname(load.script), '../../loadtest');
  const shared = (await readdir(folder)).filter((file) => file.endsWith('.ts'));
  const main = { 'main.js': wrapScript(`./${basename(load.script)}`, load.thresholds) };
  // k6 writes its summary and its report to the log, since no shell could fetch them from files.
  const report = load.report ? { report: '/dev/stdout' } : {};
  const gatewayUrl = `http://${mesh.gateway.service}.${mesh.gateway.namespace}.svc.cluster.local`;
  const environment = describeEnvironment(
    { ...load, ...report, gatewayUrl },
    { folder: '/scripts', summaryFile: 'stdout' },
  );
  const contents = {
    'k6-main': { ...main, ...(await readFiles([load.script])) },
    'k6-loadtest': await readFiles(shared.map((file) => join(folder, file))),
    'k6-environment': environment,
  };
  return Object.entries(contents).map(([name, data]) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data,
  }));
}

async function readFiles(files: string[]): Promise<Record<string, string>> {
  const texts = files.map(async (file) => [basename(file), await readFile(file, 'utf8')] as const);
  return Object.fromEntries(await Promise.all(texts));
}

/** Removes everything that `runLoadJob` creates, and waits until the namespace is gone. */
export async function removeLoad(kube: Kube): Promise<void> {
  await kube.run('delete', 'namespace', namespace, '--ignore-not-found');
  await kube.run('delete', 'networkpolicy', namespace, '--ignore-not-found');
}

async function waitForEnd(kube: Kube, durationS: number, signal: AbortSignal) {
  const deadline = Date.now() + (startTimeoutS + durationS * 6) * 1000;
  let state: ContainerState = {};
  while (Date.now() < deadline) {
    const pods = await kube.run('get', 'pods', ...inNamespace, ...ofJob, '--output', 'json');
    const [pod]: PodObject[] = JSON.parse(pods).items;
    // A pod without containers is not scheduled yet, and its condition says why.
    const unmet = pod?.status.conditions?.find(({ status }) => status === 'False');
    state = pod?.status.containerStatuses?.[0]?.state ?? { waiting: unmet };
    const { reason = '', message = '' } = state.waiting ?? {};
    if (/ImagePull/.test(reason)) throw new Error(`k6 does not start: ${reason}: ${message}`);
    if (pod && state.terminated) return { pod: pod.metadata.name, exitCode: state.terminated.exitCode };
    await sleep(pauseMs, undefined, { signal }).catch(() => {});
    throwIfInterrupted(signal);
  }
  const { reason = 'it did not end in time', message = '' } = state.waiting ?? {};
  throw new Error(`the k6 Job gave no result (${reason}) ${message}`);
}

/** Splits k6's log into the summary (one line), the report (an HTML page) and k6's own messages. */
function parseOutput(log: string): { summary: string; report: string; rest: string } {
  const [from, to] = [log.search(/<!doctype html>/i), log.lastIndexOf('</html>')];
  const report = from < 0 ? '' : log.slice(from, to + '</html>'.length);
  const lines = log.replace(report, '\n').split('\n');
  const summary = lines.find((line) => line.startsWith('{"')) ?? '';
  const rest = lines.filter((line) => line !== summary);
  return { summary, report, rest: rest.join('\n').trim() };
}
