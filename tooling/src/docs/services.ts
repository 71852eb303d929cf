import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { config } from '@meshmart/toolchain/config';

/** Lists the services with an OpenAPI document, sorted by name. */
export async function listServices(): Promise<string[]> {
  const folder = join(config.root, 'services');
  const names = await readdir(folder);
  return names.filter((name) => existsSync(join(folder, name, 'src/openapi.ts'))).sort();
}
