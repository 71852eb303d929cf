import { dirname } from 'node:path';
import { readCounters } from '@meshmart/local-mesh/admin';
import { readResources } from '@meshmart/local-mesh/resources';
import {
  type Control,
  connectControl,
  type PlatformStatus,
  requestOverSocket,
} from '@meshmart/local-platform/control/client';
import { setFaults } from '@meshmart/local-platform/faults';
import { layoutOf } from '@meshmart/local-platform/layout';
import { ensureSecrets } from '@meshmart/local-platform/secrets';
import { startPlatform } from '@meshmart/local-platform/start-platform';
import { findRunningPlatform } from '@meshmart/local-platform/state-file';
import { findFreePorts } from '@meshmart/processes/ports';
import { isAlive } from '@meshmart/processes/process-identity';
import { readRunRecord, signalGroup } from '@meshmart/processes/run-record';
import type { Interruption } from '@meshmart/terminal/interruption';
import { runK6 } from '../k6.ts';
import type { Snapshot, Target } from '../target.ts';

/** Access to a running local platform. */
interface LocalAccess extends Pick<Target, 'readAdmin' | 'failed'> {
  control: Control;
  /** The run folder with the record of the instances' processes. */
  directory: string;
  /** Path of the k6 binary. */
  k6: string;
  /** Stops what was started for the run. */
  end(): Promise<void>;
}

/** Uses the local platform of this state folder, or starts one and stops it when disposed of. */
export async function openLocalTarget(
  stateDirectory: string,
  k6: string,
  interruption: Interruption,
): Promise<Target> {
  const failure = new AbortController();
  const layout = layoutOf(stateDirectory);
  const readAdmin = async () => ensureSecrets(layout.secrets).admin;
  const connect = (controlSocket: string, end: () => Promise<void>) =>
    localTarget({
      control: connectControl(controlSocket),
      directory: dirname(controlSocket),
      failed: failure.signal,
      readAdmin,
      k6,
      end,
    });
  const running = findRunningPlatform(layout.stateFile);
  if (running) return connect(running.controlSocket, async () => {});
  const [port = 0] = await findFreePorts(1);
  const platform = await startPlatform({ port, stateDirectory, signal: interruption.stop });
  platform.failure.catch((error) => failure.abort(error));
  return connect(platform.controlSocket, () => platform.stop(interruption.force));
}

/** Returns the target of a running local platform. */
export function localTarget({ control, directory, k6, end, ...access }: LocalAccess): Target {
  let faultsSockets = new Map<string, string>();
  return {
    ...access,
    name: 'local',
    async status() {
      const status = await control.status();
      faultsSockets = new Map(status.instances.map(({ name, faultsSocket }) => [name, faultsSocket]));
      return { ...status, rollouts: [], isFromGit: false };
    },
    validate: async (files) => void (await Promise.all(files.map((file) => readResources([file])))),
    applyOverlay: (experiment, files) => control.apply(experiment, files),
    lock: async (experiment) => void (await control.apply(experiment, [])),
    restoreStandingMesh: () => control.restore(),
    takeSnapshot: async () => takeSnapshot(await control.status()),
    async sendLoad(load, signal) {
      const { gatewayUrl, instances } = await control.status();
      const urls = instances.map(({ name, inboundPort }) => [name, `http://127.0.0.1:${inboundPort}`]);
      return runK6(k6, { ...load, gatewayUrl, inboundUrls: Object.fromEntries(urls) }, signal);
    },
    setFaults: async (instance, faults) => void (await setFaults(faultsSockets.get(instance) ?? '', faults)),
    local: {
      databases: () => control.databases(),
      setCertificateLifetime: (lifetimeS) => control.setCertificateLifetime(lifetimeS),
      signal(instance, signal) {
        // A process that has just died is still in the record.
        const running = readRunRecord(directory).find((one) => one.name === instance && isAlive(one));
        if (running) signalGroup(running.pid, signal);
        return running !== undefined;
      },
    },
    [Symbol.asyncDispose]: end,
  };
}

/** Reads the counters of every proxy and the metrics of every service over their sockets, past the mesh. */
async function takeSnapshot(status: PlatformStatus): Promise<Snapshot> {
  const proxies = [{ name: 'gateway', ...status.gateway }, ...status.instances];
  const counters = proxies.map(async ({ name, adminSocket }) => {
    return [name, await readCounters(adminSocket).catch(() => undefined)] as const;
  });
  const pages = status.instances.map(async ({ name, service, appSocket }) => {
    const text = await requestOverSocket(appSocket, '/metrics').catch(() => undefined);
    return [name, { service, text }] as const;
  });
  return { proxies: new Map(await Promise.all(counters)), services: new Map(await Promise.all(pages)) };
}
