import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from '@meshmart/local-mesh/certificates';
import { type Identity, toIdentity } from '../proxy-identity.ts';
import { type Line, openLine } from './calls.ts';

/** Speaks TLS with a sidecar's inbound port, perhaps with a certificate. */
export function openTls(port: number, identity?: Identity): Line {
  return openLine(`https://127.0.0.1:${port}`, { rejectUnauthorized: false, ...identity });
}

/** One that says it is order, from an authority that nobody in the mesh trusts. */
export async function forgeIdentity(): Promise<Identity> {
  const folder = mkdtempSync(join(tmpdir(), 'meshmart-authority-'));
  try {
    const authority = await createAuthority(folder);
    return toIdentity(await authority.issueSecrets('spiffe://cluster.local/ns/meshmart/sa/order'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
