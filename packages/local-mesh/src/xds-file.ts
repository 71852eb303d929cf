import { createHash } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import type { EnvoyMessage } from './envoy.ts';

/** A DiscoveryResponse as Envoy reads it from a file; its version is a hash of what it holds. */
export function discoveryResponse(resources: EnvoyMessage[]): { version: string; text: string } {
  const version = createHash('sha256').update(JSON.stringify(resources)).digest('hex').slice(0, 16);
  return { version, text: `${JSON.stringify({ version_info: version, resources }, null, 1)}\n` };
}

/** Writes a file (0600) so that a reader finds the old or the new one, whole; Envoy watches for the rename. */
export async function writeFileAtomically(file: string, text: string): Promise<void> {
  const temporary = `${file}.new`;
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, file);
}
