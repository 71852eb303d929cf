import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { readAdmin } from './admin.ts';

const LOG_WAIT_MS = 2000;

/**
 * Envoy's own reason for a refusal. Its config dump tells that of listeners only, its log tells all; so the log is read where
 * Envoy says it writes one.
 */
export async function readRejection(adminSocket: string, subscription: string): Promise<string> {
  const reason =
    subscription === 'listener_manager.lds' ? await readErrorState(adminSocket) : await readLog(adminSocket);
  return reason ?? `${subscription} (its log says why)`;
}

interface ConfigDump {
  configs: { error_state?: { details?: string } }[];
}

async function readErrorState(adminSocket: string): Promise<string | undefined> {
  const dump = JSON.parse(
    await readAdmin(adminSocket, '/config_dump?resource=dynamic_listeners'),
  ) as ConfigDump;
  return dump.configs.find(({ error_state }) => error_state?.details)?.error_state?.details;
}

interface ServerInfo {
  command_line_options: { log_path?: string };
}

/** The last refusal in the log; Envoy writes it a moment later. */
async function readLog(adminSocket: string): Promise<string | undefined> {
  const info = JSON.parse(await readAdmin(adminSocket, '/server_info')) as ServerInfo;
  const file = info.command_line_options.log_path;
  if (!file) return undefined;
  for (const deadline = Date.now() + LOG_WAIT_MS; Date.now() < deadline; await sleep(50)) {
    const refusals = [...(await readFile(file, 'utf8')).matchAll(/config update rejected: (.*)/g)];
    const reason = refusals.at(-1)?.[1];
    if (reason) return reason;
  }
  return undefined;
}
