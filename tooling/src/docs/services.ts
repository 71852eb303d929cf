import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { config } from '@meshmart/toolchain/config';

/** The names of the services that describe themselves, in the order of the alphabet. */
export async function listServices(): Promise<string[]> {
  const folder = join(config.root, 'services');
  const names = await readdir(folder);
  return names.filter((name) => existsSync(join(folder, name, 'src/openapi.ts'))).sort();
}
