import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Installs a folder of the cache unless it exists. `fill` works in a temporary folder beside it, which is
 * then renamed. Safe to interrupt, and to run twice at the same time.
 *
 * @returns the path of `file` within the folder
 * @throws the error of `fill`
 */
export async function installOnce(
  folder: string,
  file: string,
  fill: (fresh: string) => Promise<void>,
): Promise<string> {
  const installed = join(folder, file);
  if (existsSync(installed)) return installed;
  await mkdir(dirname(folder), { recursive: true });
  const fresh = await mkdtemp(`${folder}.`);
  try {
    await fill(fresh);
    await rename(fresh, folder);
  } catch (error) {
    if (!existsSync(installed)) throw error; // another process may have been faster
  } finally {
    // After an interruption, child processes may still write for a moment.
    await rm(fresh, { recursive: true, force: true, maxRetries: 10 });
  }
  return installed;
}
