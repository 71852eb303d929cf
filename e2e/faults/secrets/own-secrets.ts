import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signingKeysFileIn } from '@meshmart/local-platform/secrets';
import { readKeysFile } from '@meshmart/user/keys-file';
import { readIdentity } from '../../proxy-identity.ts';
import type { RunningStore } from '../../running-store.ts';
import type { Needles } from './needles.ts';

/** Adds the secrets of the platform itself to the needles. */
export async function noteOwnSecrets(store: RunningStore, needles: Needles): Promise<void> {
  const { layout } = store;
  needles.note('admin password', readFileSync(join(layout.secrets, 'admin-password'), 'utf8').trim());
  for (const { d } of readKeysFile(signingKeysFileIn(layout.secrets))) needles.note('signing key', d);
  for (const url of Object.values(await store.databases())) {
    needles.note('database password', decodeURIComponent(new URL(url).password));
  }
  const password = readFileSync(join(layout.database, 'data.password'), 'utf8').trim();
  needles.note('database password', password);
  const rootKey = readFileSync(join(layout.certificates, 'ca-key.pem'), 'utf8');
  needles.note('root key', keyLineOf(rootKey));
  const { instances } = await store.status();
  for (const proxy of ['gateway', ...instances.map(({ name }) => name)]) {
    needles.note('proxy key', keyLineOf((await readIdentity(store.directory, proxy)).key));
  }
}

/** Returns the second line of a private key in PEM, the first one that differs between keys. */
function keyLineOf(pem: string): string {
  return pem.split('\n')[2] as string;
}
