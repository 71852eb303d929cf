import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { throwIfInterrupted } from '@meshmart/terminal/interruption';
import type { K6Summary } from './experiment.ts';
import type { Load } from './target.ts';

/** `--address ''` keeps k6's own API closed, so that two runs do not meet on port 6565. */
export const k6Arguments = ['run', '--quiet', '--no-color', '--no-usage-report', '--address', ''];

/** A load, and where it goes. */
export interface AddressedLoad extends Omit<Load, 'from'> {
  gatewayUrl: string;
  /** Of each instance, past the gateway. */
  inboundUrls: Record<string, string>;
}

/** k6's exit code when the run was whole and a threshold did not hold: a result, not an error. */
export const thresholdsCrossed = 99;
/** k6's exit code when it was told to end by a signal; its summary is of what it has sent by then. */
const endedBySignal = 105;

/**
 * Runs k6 once and gives its summary. `signal` ends it early and rejects, `load.enough` ends it early as if its time were up; a
 * script that does not load or a k6 that breaks off rejects with what k6 said last.
 */
export async function runK6(binary: string, load: AddressedLoad, signal: AbortSignal): Promise<K6Summary> {
  throwIfInterrupted(signal);
  const folder = await mkdtemp(join(tmpdir(), 'meshmart-k6-'));
  try {
    const summaryFile = join(folder, 'summary.json');
    const { code, lastWords } = await execute(binary, load, { folder, summaryFile, signal });
    throwIfInterrupted(signal);
    const isEnough = code === endedBySignal && load.enough?.aborted;
    if (code !== 0 && code !== thresholdsCrossed && !isEnough)
      throw new Error(`k6 ended with code ${code}: ${lastWords}`);
    return JSON.parse(await readFile(summaryFile, 'utf8')).metrics;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function execute(
  binary: string,
  load: AddressedLoad,
  run: { folder: string; summaryFile: string; signal: AbortSignal },
): Promise<{ code: number | null; lastWords: string }> {
  const args = [...k6Arguments];
  if (load.clientLog) args.push('--console-output', load.clientLog, '--log-format', 'raw');
  const k6 = spawn(binary, [...args, load.script], {
    env: describeEnvironment(load, run),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const stop = () => k6.kill('SIGINT');
  const ends = AbortSignal.any([run.signal, ...(load.enough ? [load.enough] : [])]);
  ends.addEventListener('abort', stop);
  let lastWords = '';
  k6.stderr.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-2000);
  });
  try {
    const [code] = await once(k6, 'close');
    return { code, lastWords };
  } finally {
    ends.removeEventListener('abort', stop);
  }
}

/**
 * Everything k6 gets to know. The caller's environment stays out: a `K6_VUS` or an `HTTP_PROXY` in it would change the
 * load without a word, and so would the settings in its home.
 */
export function describeEnvironment(
  load: AddressedLoad,
  run: { folder: string; summaryFile: string },
): Record<string, string> {
  const dashboard = {
    K6_WEB_DASHBOARD: 'true',
    K6_WEB_DASHBOARD_PORT: '-1',
    K6_WEB_DASHBOARD_PERIOD: '1s',
    K6_WEB_DASHBOARD_EXPORT: load.report ?? '',
  };
  return {
    HOME: run.folder,
    ...(load.report ? dashboard : {}),
    PHASE: load.phase,
    DURATION_S: String(load.durationS),
    GATEWAY_URL: load.gatewayUrl,
    TRACE_RUN: load.traceRun ?? '',
    INBOUND_URLS: JSON.stringify(load.inboundUrls),
    SUMMARY_FILE: run.summaryFile,
  };
}
