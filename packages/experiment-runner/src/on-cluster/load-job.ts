import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { throwIfInterrupted } from '@meshmart/terminal/interruption';
import type { K6Summary } from '../experiment.ts';
import { thresholdsCrossed } from '../k6.ts';
import type { Kube } from './kube.ts';
import { describeJob, type JobLoad, letIn, name, namespace } from './load-manifest.ts';

const inNamespace = ['--namespace', namespace];
const pauseMs = 1000;
/** Of an image that has to be pulled first. */
const startTimeoutS = 180;

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
