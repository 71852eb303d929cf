import { setTimeout as sleep } from 'node:timers/promises';
import { readAdmin } from '@meshmart/local-mesh/admin';
import type { Mesh } from '@meshmart/local-mesh/workloads';
import type { XdsServer } from '@meshmart/local-mesh/xds-server';
import type { Supervisor } from '@meshmart/processes/supervisor';
import type { Layout } from './layout.ts';
import type { LiveMesh } from './live-mesh.ts';
import { proxyProcess } from './processes.ts';
import { keepCertificates, type WorkloadCertificates } from './workload-certificates.ts';

interface ProxiesContext {
  supervisor: Supervisor;
  layout: Layout;
  /** Path of the binary. */
  envoy: string;
  xds: XdsServer;
  /** Unix socket of the xDS server. */
  xdsSocket: string;
  /** Aborted when the platform is stopped. */
  signal: AbortSignal;
  report(line: string): void;
}

/**
 * Starts an Envoy beside each workload and one as the gateway. Resolves when all have certificates and a
 * configuration.
 *
 * @returns the certificates, which are renewed until `context.signal` is aborted
 * @throws RejectedUpdateError when one rejects its configuration
 */
export async function startProxies(
  mesh: Mesh,
  live: LiveMesh,
  context: ProxiesContext,
): Promise<WorkloadCertificates> {
  const { supervisor, layout, envoy, xdsSocket, signal } = context;
  const certificates = await keepCertificates(mesh, { ...context, directory: layout.certificates });
  await live.apply([]);
  const { namespace, gateway, workloads } = mesh;
  const common = { namespace, envoy, xdsSocket };
  for (const { name, service, adminSocket, outboundSocket } of workloads) {
    const sidecar = { ...common, name, service, adminSocket, concurrency: 1, sockets: [outboundSocket] };
    supervisor.start(proxyProcess(sidecar));
  }
  const { name, adminSocket } = gateway;
  supervisor.start(
    proxyProcess({ ...common, name, service: name, adminSocket, concurrency: 2, sockets: [] }),
  );
  for (const proxy of [...workloads, gateway]) {
    while (!signal.aborted && !(await isProxyReady(proxy.adminSocket))) {
      await live.assertAccepted();
      await sleep(50);
    }
  }
  return certificates;
}

/** Returns whether an Envoy has its configuration and accepts traffic. */
export async function isProxyReady(adminSocket: string): Promise<boolean> {
  return readAdmin(adminSocket, '/ready').then(
    (text) => text.trim() === 'LIVE',
    () => false,
  );
}
