import { join } from 'node:path';
import { releaseLock, takeLock } from '@meshmart/processes/lock';
import { assertPortFree } from '@meshmart/processes/ports';
import { identify, type ProcessIdentity } from '@meshmart/processes/process-identity';
import type { ToolOptions } from '@meshmart/processes/run-tool';
import { readTopology } from '@meshmart/store-client/topology';
import { runSteps } from '@meshmart/terminal/progress';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from '@meshmart/toolchain/config';
import { ensureEnvoy } from '@meshmart/toolchain/envoy';
import { generateClients } from '@meshmart/toolchain/generated-clients';
import { removeData } from './database.ts';
import { DEFAULT_STATE_DIRECTORY, type Layout, layoutOf, makeStateFolders } from './layout.ts';
import { toUserError } from './mesh.ts';
import { operateMesh } from './mesh-operation.ts';
import { clearDeadRuns, openRun } from './run.ts';
import type { Secrets } from './secrets.ts';
import { findRunningPlatform, removeState, writeState } from './state-file.ts';
import { buildStatus } from './status.ts';
import { startStore } from './store.ts';

interface PlatformOptions {
  /** Port of the gateway on 127.0.0.1. */
  port?: number;
  /** Folder for data, certificates, secrets and logs. Each platform needs its own. */
  stateDirectory?: string;
  /** Delete the data of earlier runs. */
  reset?: boolean;
  /** Aborts the start. */
  signal?: AbortSignal | undefined;
  /** Receives one line for each event while it runs. */
  report?: (line: string) => void;
}

export interface LocalPlatform {
  gatewayUrl: string;
  /** Unix socket; `control/server.ts` defines its requests. */
  controlSocket: string;
  /** Folder with one log per process. */
  logs: string;
  admin: Secrets['admin'];
  /** Rejects with a UserError when a process does not stay alive. The platform must still be stopped then. */
  failure: Promise<never>;
  /** Stops everything gracefully, or with SIGKILL once `force` is aborted. */
  stop(force?: AbortSignal): Promise<void>;
}

/**
 * Starts the store behind its sidecars, shows its progress, and resolves when the gateway responds. All
 * processes end with this one, even if it is killed. A failed start leaves nothing running.
 *
 * @throws UserError when the state folder or the port is in use, or a process does not start
 */
export async function startPlatform(options: PlatformOptions = {}): Promise<LocalPlatform> {
  const { port = 8080, reset = false, signal, report = console.log } = options;
  const layout = layoutOf(options.stateDirectory ?? DEFAULT_STATE_DIRECTORY);
  await using undo = new AsyncDisposableStack();
  claim(layout);
  undo.defer(() => releaseLock(layout.lock));
  await clearLeftovers(layout, report);
  await assertPortFree(port);
  const topology = await readTopology(join(config.root, 'topology.yaml'));
  if (reset) removeData(layout);

  const run = openRun(layout, report);
  undo.defer(() => run.close());
  const envoy = await prepareTools({ signal, track: run.track });
  const store = await startStore({ layout, run, topology, port, envoy, signal, report }).catch((error) => {
    throw toUserError(error);
  });
  undo.defer(() => store.stop());

  const self = { ...(identify(process.pid) as ProcessIdentity), startedAt: new Date().toISOString() };
  const controlSocket = join(run.directory, 'control.sock');
  const status = buildStatus({ ...self, gatewayUrl: store.gatewayUrl }, store.mesh);
  const databases = () => Object.fromEntries(store.databaseUrls);
  undo.defer(await operateMesh({ ...store, controlSocket, status, databases, report }));
  writeState(layout.stateFile, { ...self, port, controlSocket });
  undo.defer(() => removeState(layout.stateFile));

  const everything = undo.move();
  return {
    gatewayUrl: store.gatewayUrl,
    controlSocket,
    logs: layout.logs,
    admin: store.admin,
    failure: store.failure,
    stop(force) {
      if (force) store.forceBy(force);
      return everything.disposeAsync();
    },
  };
}

function claim(layout: Layout): void {
  const holder = takeLock(layout.lock);
  if (!holder) return;
  const running = findRunningPlatform(layout.stateFile);
  const where = running
    ? `already running at http://127.0.0.1:${running.port}`
    : 'already starting or stopping';
  throw new UserError(`Meshmart is ${where} (pid ${holder.pid}); stop that one first`);
}

async function clearLeftovers(layout: Layout, report: (line: string) => void): Promise<void> {
  makeStateFolders(layout);
  removeState(layout.stateFile);
  const ended = await clearDeadRuns(layout);
  if (ended.length > 0) report(`Ended processes of a killed run: ${ended.join(', ')}`);
}

/** @returns the path of Envoy */
async function prepareTools(options: Pick<ToolOptions, 'signal' | 'track'>): Promise<string> {
  let envoy = '';
  const clients = { title: 'Generated clients', run: () => generateClients(options) };
  const proxy = {
    title: 'Envoy',
    run: async (onLine: (line: string) => void) => {
      envoy = await ensureEnvoy({ ...options, onLine });
    },
  };
  await runSteps([clients, proxy], { concurrent: true });
  return envoy;
}
