import { setTimeout as sleep } from 'node:timers/promises';
import { readAdmin } from '@meshmart/local-mesh/admin';
import { createAuthority } from '@meshmart/local-mesh/certificates';
import { type Mesh, spiffeId } from '@meshmart/local-mesh/workloads';
import type { Supervisor } from '../supervision/supervisor.ts';
import type { Layout } from './layout.ts';
import type { LiveMesh } from './live-mesh.ts';
import { proxyProcess } from './processes.ts';

/** Certificates that are past half of their life are renewed; the proxies take the new ones by themselves. */
const renewalMs = 10 * 60_000;

export interface ProxiesContext {
  supervisor: Supervisor;
  layout: Layout;
  /** Path of the binary. */
  envoy: string;
  /** Aborted when the platform is stopped. */
  signal: AbortSignal;
  report(line: string): void;
}

/** Starts an Envoy beside each workload and one as the gateway, and resolves when all have certificates and configuration. */
export async function startProxies(mesh: Mesh, live: LiveMesh, context: ProxiesContext): Promise<void> {
  const { supervisor, envoy, signal } = context;
  await keepCertificates(mesh, context);
  await live.apply([]);
  const { namespace, directory: meshDirectory, gateway, workloads } = mesh;
  const common = { namespace, envoy, meshDirectory };
  for (const { name, service, adminSocket, outboundSocket } of workloads) {
    const sidecar = { ...common, name, service, adminSocket, concurrency: 1, sockets: [outboundSocket] };
    supervisor.start(proxyProcess(sidecar));
  }
  const { name, adminSocket } = gateway;
  supervisor.start(
    proxyProcess({ ...common, name, service: name, adminSocket, concurrency: 2, sockets: [] }),
  );
  for (const proxy of [...workloads, gateway]) {
    while (!signal.aborted && !(await isProxyReady(proxy.adminSocket))) await sleep(50);
  }
}

/** Whether an Envoy has its configuration and takes traffic. */
export async function isProxyReady(adminSocket: string): Promise<boolean> {
  return readAdmin(adminSocket, '/ready').then(
    (text) => text.trim() === 'LIVE',
    () => false,
  );
}

async function keepCertificates(mesh: Mesh, { layout, signal, report }: ProxiesContext): Promise<void> {
  const authority = await createAuthority(layout.certificates);
  const issue = async () => {
    for (const { name, serviceAccount } of [...mesh.workloads, mesh.gateway]) {
      const id = spiffeId(mesh.meshConfig.trustDomain, mesh.namespace, serviceAccount);
      await authority.issueSecrets({ name, spiffeId: id }, mesh.directory);
    }
  };
  await issue();
  if (signal.aborted) return;
  const renewal = setInterval(() => issue().catch((error) => report(error.message)), renewalMs);
  signal.addEventListener('abort', () => clearInterval(renewal), { once: true });
}
