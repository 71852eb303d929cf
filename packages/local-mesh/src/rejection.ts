import { readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { readAdmin } from './admin.ts';
import type { Origin } from './origins.ts';

const LOG_WAIT_MS = 2000;

/** How a proxy is asked about itself. */
export interface ProxyAccess {
  /** Unix socket of its admin interface. */
  adminSocket: string;
  /** The file that its log goes to. */
  logFile: string;
}

/** A proxy refused a configuration; the message names the fields that may have caused it, and Envoy's own reason. */
export class RejectedUpdateError extends Error {
  override readonly name = 'RejectedUpdateError';

  constructor(proxy: string, reason: string, causes: Origin[]) {
    const places = new Map(causes.map((cause) => [printPlace(cause), cause]));
    const [place, ...more] = places.keys();
    if (place === undefined) super(`${proxy}: Envoy refused the configuration: ${reason}`);
    else if (more.length === 0) super(`${place}: Envoy (${proxy}) refused this: ${reason}`);
    else super(`${[place, ...more].join('\n')}\nEnvoy (${proxy}) refused one of these: ${reason}`);
  }
}

function printPlace({ resource, field }: Origin): string {
  const { file, kind, name } = resource;
  return `${file}:${resource.lineOf(field)}: ${kind} ${name}: ${field}`;
}

/**
 * Reads why a proxy refuses what it is sent. Only Envoy's log tells that, in warnings that are switched on just for this: they
 * also say, many times a second, that the xDS server is gone.
 *
 * @param refuseAgain makes the proxy refuse it once more
 */
export async function readReason(
  { adminSocket, logFile }: ProxyAccess,
  refuseAgain: () => Promise<void>,
): Promise<string> {
  const { size } = await stat(logFile);
  await readAdmin(adminSocket, '/logging?config=warning', 'POST');
  try {
    await refuseAgain();
    for (const deadline = Date.now() + LOG_WAIT_MS; Date.now() < deadline; await sleep(20)) {
      const log = (await readFile(logFile)).subarray(size).toString();
      const reason = /REST config for \S+ rejected: (.+?)\n(?=\[\d{4}-|$)/s.exec(log)?.[1];
      if (reason) return reason;
    }
    return `its log says why: ${logFile}`;
  } finally {
    await readAdmin(adminSocket, '/logging?config=error', 'POST');
  }
}

/** Leaves out the message that Envoy prints before the constraint that it violates, and line ends. */
export function shorten(reason: string): string {
  return reason
    .replace(/^.*(?=Proto constraint validation failed)/s, '')
    .replace(/\s+/g, ' ')
    .trim();
}
