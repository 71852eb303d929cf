import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BootstrapOptions, bootstrap, envoyArguments } from '@meshmart/local-mesh/bootstrap';
import type { Workload } from '@meshmart/local-mesh/workloads';
import { processEnvironment } from '@meshmart/processes/environment';
import type { ProcessSpec } from '@meshmart/processes/supervisor';
import { config } from '@meshmart/toolchain/config';
import { faultsSocketOf, GATEWAY_NAME } from './instances.ts';

interface ServiceSettings {
  databaseUrl: string | undefined;
  /** Environment variables of this service alone, such as the path of the signing keys. */
  extra: Record<string, string>;
}

/**
 * Describes the process of one instance, which listens on its Unix socket only and calls its own sidecar
 * only.
 */
export function serviceProcess(instance: Workload, { databaseUrl, extra }: ServiceSettings): ProcessSpec {
  const faultsSocket = faultsSocketOf(instance);
  return {
    name: instance.name,
    command: process.execPath,
    args: ['--import', '@meshmart/telemetry/register', 'src/server.ts'],
    cwd: join(config.root, 'services', instance.service),
    env: {
      ...processEnvironment(),
      NODE_COMPILE_CACHE: config.compileCache,
      SERVICE_VERSION: instance.version,
      INSTANCE_ID: instance.name,
      LISTEN_SOCKET: instance.appSocket,
      MESH_OUTBOUND_SOCKET: instance.outboundSocket,
      FAULTS_SOCKET: faultsSocket,
      ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
      ...extra,
    },
    stopSignal: 'SIGTERM',
    sockets: [instance.appSocket, faultsSocket],
  };
}

interface ProxyOptions extends BootstrapOptions {
  envoy: string;
  /** Unix socket of the xDS server. */
  xdsSocket: string;
  /** Worker threads. */
  concurrency: number;
  sockets: string[];
}

/**
 * Describes the process of one Envoy, and writes its bootstrap file. The xDS server sends the rest of its
 * configuration.
 */
export function proxyProcess(options: ProxyOptions): ProcessSpec {
  const { name, service, namespace, adminSocket, envoy, xdsSocket, concurrency, sockets } = options;
  const bootstrapFile = `${adminSocket}.bootstrap.json`;
  const content = bootstrap({ name, service, namespace, adminSocket }, xdsSocket);
  writeFileSync(bootstrapFile, JSON.stringify(content));
  return {
    name: proxyProcessName(name),
    command: envoy,
    args: envoyArguments({ bootstrapFile, concurrency }),
    env: processEnvironment(),
    stopSignal: 'SIGTERM',
    sockets: [adminSocket, ...sockets],
  };
}

/** Returns the name of the process of a sidecar or of the gateway. */
function proxyProcessName(proxy: string): string {
  return proxy === GATEWAY_NAME ? proxy : `${proxy}-sidecar`;
}

/** Returns the path of a proxy's log. */
export function proxyLogFile(logs: string, proxy: string): string {
  return join(logs, `${proxyProcessName(proxy)}.log`);
}
