import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from '@meshmart/local-mesh/certificates';
import { type Identity, toIdentity } from '../proxy-identity.ts';
import { type Line, openLine } from './calls.ts';

/** Opens TLS connections to a sidecar's inbound port, optionally with a certificate. */
export function openTls(port: number, identity?: Identity): Line {
  return openLine(`https://127.0.0.1:${port}`, { rejectUnauthorized: false, ...identity });
}

/** Issues an identity of order by an authority that the mesh does not trust. */
export async function forgeIdentity(): Promise<Identity> {
  const folder = mkdtempSync(join(tmpdir(), 'meshmart-authority-'));
  try {
    const authority = await createAuthority(folder);
    return toIdentity(await authority.issueSecrets('spiffe://cluster.local/ns/meshmart/sa/order'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
