import { createAuthority, WORKLOAD_LIFETIME_MS } from '@meshmart/local-mesh/certificates';
import { type Mesh, spiffeId } from '@meshmart/local-mesh/workloads';
import type { XdsServer } from '@meshmart/local-mesh/xds-server';

/** Longest interval between checks of the certificates' age. A long timer would stop while a laptop sleeps. */
const CHECK_MS = 10 * 60_000;
/** Checks per lifetime of a short-lived certificate. */
const CHECKS = 10;

interface CertificatesContext {
  /** Folder of the authority. */
  directory: string;
  xds: XdsServer;
  /** Aborted when the platform is stopped. */
  signal: AbortSignal;
  report(line: string): void;
}

/** The certificates of all proxies. */
export interface WorkloadCertificates {
  /** Issues certificates that are valid for this time, from now on; for 24 h without it. Unchanged lifetimes do nothing. */
  setLifetime(lifetimeMs?: number): Promise<void>;
}

/** Issues a certificate for each proxy, and again after half of its lifetime. Resolves when the first ones are issued. */
export async function keepCertificates(
  mesh: Mesh,
  { directory, xds, signal, report }: CertificatesContext,
): Promise<WorkloadCertificates> {
  const authority = await createAuthority(directory);
  let lifetimeMs = WORKLOAD_LIFETIME_MS;
  let renewAt = 0;
  let timer: NodeJS.Timeout | undefined;

  const issue = async () => {
    renewAt = Date.now() + lifetimeMs / 2;
    for (const { name: proxy, serviceAccount } of [...mesh.workloads, mesh.gateway]) {
      const id = spiffeId(mesh.meshConfig.trustDomain, mesh.namespace, serviceAccount);
      for (const secret of await authority.issueSecrets(id, lifetimeMs)) {
        xds.set({ proxy, type: 'secrets', name: secret.name }, [secret]);
      }
    }
  };
  const renew = async () => {
    if (Date.now() >= renewAt) await issue();
  };
  const start = async () => {
    clearInterval(timer);
    await issue();
    if (signal.aborted) return;
    const check = () => renew().catch((error) => report(error.message));
    timer = setInterval(check, Math.min(CHECK_MS, lifetimeMs / CHECKS));
  };
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  await start();
  return {
    async setLifetime(wanted = WORKLOAD_LIFETIME_MS) {
      if (wanted === lifetimeMs) return;
      lifetimeMs = wanted;
      await start();
    },
  };
}
