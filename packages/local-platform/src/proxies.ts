import { setTimeout as sleep } from 'node:timers/promises';
import { readAdmin } from '@meshmart/local-mesh/admin';
import { createAuthority, RENEW_AFTER_MS } from '@meshmart/local-mesh/certificates';
import { type Mesh, spiffeId } from '@meshmart/local-mesh/workloads';
import type { XdsServer } from '@meshmart/local-mesh/xds-server';
import type { Supervisor } from '@meshmart/processes/supervisor';
import type { Layout } from './layout.ts';
import type { LiveMesh } from './live-mesh.ts';
import { proxyProcess } from './processes.ts';

/** Interval between checks of the certificates' age. A long timer would stop while a laptop sleeps. */
const RENEWAL_CHECK_MS = 10 * 60_000;

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
 * @throws RejectedUpdateError when one rejects its configuration
 */
export async function startProxies(mesh: Mesh, live: LiveMesh, context: ProxiesContext): Promise<void> {
  const { supervisor, envoy, xdsSocket, signal } = context;
  await keepCertificates(mesh, context);
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
}

/** Returns whether an Envoy has its configuration and accepts traffic. */
export async function isProxyReady(adminSocket: string): Promise<boolean> {
  return readAdmin(adminSocket, '/ready').then(
    (text) => text.trim() === 'LIVE',
    () => false,
  );
}

async function keepCertificates(mesh: Mesh, { layout, xds, signal, report }: ProxiesContext): Promise<void> {
  const authority = await createAuthority(layout.certificates);
  let renewAt = 0;
  const issue = async () => {
    if (Date.now() < renewAt) return;
    const issuedAt = Date.now();
    for (const { name: proxy, serviceAccount } of [...mesh.workloads, mesh.gateway]) {
      const id = spiffeId(mesh.meshConfig.trustDomain, mesh.namespace, serviceAccount);
      for (const secret of await authority.issueSecrets(id)) {
        xds.set({ proxy, type: 'secrets', name: secret.name }, [secret]);
      }
    }
    renewAt = issuedAt + RENEW_AFTER_MS;
  };
  await issue();
  if (signal.aborted) return;
  const renewal = setInterval(() => issue().catch((error) => report(error.message)), RENEWAL_CHECK_MS);
  signal.addEventListener('abort', () => clearInterval(renewal), { once: true });
}
