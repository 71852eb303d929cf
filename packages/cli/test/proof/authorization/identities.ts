import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from '@meshmart/local-mesh/certificates';
import { secretFile } from '@meshmart/local-mesh/files';
import { WORKLOAD_SECRET } from '@meshmart/local-mesh/mutual-tls';
import { type Line, openLine } from './calls.ts';

/** A certificate and its key, in PEM. */
export interface Identity {
  cert: string;
  key: string;
}

/** Speaks TLS with a sidecar's inbound port, perhaps with a certificate. */
export function openTls(port: number, identity?: Identity): Line {
  return openLine(`https://127.0.0.1:${port}`, { rejectUnauthorized: false, ...identity });
}

/** The identity of a workload of the running store. @param directory the run folder */
export function readIdentity(directory: string, workload: string): Identity {
  return readSecret(join(directory, 'xds'), workload);
}

/** One that says it is order, from an authority that nobody in the mesh trusts. */
export async function forgeIdentity(): Promise<Identity> {
  const folder = mkdtempSync(join(tmpdir(), 'meshmart-authority-'));
  try {
    const authority = await createAuthority(folder);
    const spiffeId = 'spiffe://cluster.local/ns/meshmart/sa/order';
    await authority.issueSecrets({ name: 'order', spiffeId }, folder);
    return readSecret(folder, 'order');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readSecret(xdsDirectory: string, workload: string): Identity {
  const file = secretFile(xdsDirectory, workload, WORKLOAD_SECRET);
  const { tls_certificate: secret } = JSON.parse(readFileSync(file, 'utf8')).resources[0];
  return { cert: secret.certificate_chain.inline_string, key: secret.private_key.inline_string };
}
