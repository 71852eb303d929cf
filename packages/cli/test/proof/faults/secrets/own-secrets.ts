import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readKeysFile } from '@meshmart/user/keys-file';
import { signingKeysFileIn } from '../../../../src/platform/secrets.ts';
import type { RunningStore } from '../../running-store.ts';
import type { Needles } from './needles.ts';

/** What the platform itself has to keep secret. */
export async function noteOwnSecrets(store: RunningStore, needles: Needles): Promise<void> {
  const { layout } = store;
  needles.note('admin password', readFileSync(join(layout.secrets, 'admin-password'), 'utf8').trim());
  for (const { d } of readKeysFile(signingKeysFileIn(layout.secrets))) needles.note('signing key', d);
  for (const url of Object.values(await store.databases())) {
    needles.note('database password', decodeURIComponent(new URL(url).password));
  }
  const password = readFileSync(join(layout.database, 'data.password'), 'utf8').trim();
  needles.note('database password', password);
  for (const line of keyLinesIn(layout.certificates)) needles.note('root key', line);
  for (const line of keyLinesIn(join(store.directory, 'xds'))) needles.note('proxy key', line);
}

/** The second line of each private key: by which two keys differ. */
function keyLinesIn(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  const texts = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
  const key = /BEGIN PRIVATE KEY-----(?:\\n|\n)[\w+/=]+(?:\\n|\n)([\w+/=]+)/g;
  return texts.flatMap((text) => [...text.matchAll(key)].map(([, line]) => line as string));
}
