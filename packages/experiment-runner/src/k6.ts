import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { throwIfInterrupted } from '@meshmart/terminal/interruption';
import type { K6Summary } from './experiment.ts';
import type { Load } from './target.ts';

/** `--address ''` keeps k6's own API closed, so that two runs do not meet on port 6565. */
const k6Arguments = ['run', '--quiet', '--no-color', '--no-usage-report', '--address', ''];

/** A load and its destinations. */
export interface AddressedLoad extends Omit<Load, 'from'> {
  gatewayUrl: string;
  /** URL of each instance's sidecar, past the gateway, by instance name. */
  inboundUrls: Record<string, string>;
}

/** k6's exit code after a complete run in which a threshold was crossed: a result, not an error. */
export const thresholdsCrossed = 99;
/** k6's exit code after a signal. The summary covers the requests up to then. */
const endedBySignal = 105;

/**
 * Runs k6 once. `load.enough` ends it early with a summary, `signal` ends it early with a rejection.
 *
 * @param binary path of k6
 * @returns k6's end-of-test summary
 * @throws an Error with k6's last output when the script does not load or k6 breaks off
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

/**
 * Returns the script that k6 starts with: the load as its author wrote it, the thresholds of the experiment, and a
 * summary in JSON.
 *
 * @param script path of the load, as k6 finds it
 */
export function wrapScript(script: string, thresholds: Load['thresholds'] = {}): string {
  const path = JSON.stringify(script);
  return `import * as load from ${path};
export * from ${path};
export default load.default ?? (() => {});
if (load.options?.thresholds) throw new Error('thresholds belong in experiment.ts');
export const options = { ...load.options, thresholds: ${JSON.stringify(thresholds)} };
export const handleSummary = (data) => ({ [__ENV.SUMMARY_FILE]: JSON.stringify(data) });
`;
}

async function execute(
  binary: string,
  load: AddressedLoad,
  run: { folder: string; summaryFile: string; signal: AbortSignal },
): Promise<{ code: number | null; lastWords: string }> {
  const main = join(run.folder, 'main.js');
  await writeFile(main, wrapScript(load.script, load.thresholds));
  const args = [...k6Arguments];
  if (load.clientLog) args.push('--console-output', load.clientLog, '--log-format', 'raw');
  const k6 = spawn(binary, [...args, main], {
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
 * Returns the whole environment of k6. It inherits none: a `K6_VUS`, an `HTTP_PROXY` or a configuration file in the
 * caller's home would change the load unnoticed.
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
    VARIANT: load.variant,
    DURATION_S: String(load.durationS),
    GATEWAY_URL: load.gatewayUrl,
    TRACE_RUN: load.traceRun ?? '',
    CLIENT_LOG: load.clientLog ?? '',
    ADMIN_LOGIN: JSON.stringify(load.admin ?? null),
    INBOUND_URLS: JSON.stringify(load.inboundUrls),
    SUMMARY_FILE: run.summaryFile,
  };
}
