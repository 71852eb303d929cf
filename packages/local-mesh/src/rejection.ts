import { readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { readAdmin } from './admin.ts';
import type { Origin } from './origins.ts';

const LOG_WAIT_MS = 2000;

/** Access to a proxy's own reports. */
export interface ProxyAccess {
  /** Unix socket of its admin interface. */
  adminSocket: string;
  /** File of its log. */
  logFile: string;
}

/** A proxy refused a configuration. The message has the fields that are likely causes, and Envoy's reason. */
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
 * Reads a proxy's reason for a refusal from its log, the only place that has it. The log level is raised just for this,
 * since at that level Envoy also reports a stopped xDS server many times a second.
 *
 * @param refuseAgain sends the refused configuration once more
 * @returns the reason, or where to find it when the log does not have it after 2 s
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

/** Shortens a reason: removes line ends, and the message that Envoy prints before the violated constraint. */
export function shorten(reason: string): string {
  return reason
    .replace(/^.*(?=Proto constraint validation failed)/s, '')
    .replace(/\s+/g, ' ')
    .trim();
}
