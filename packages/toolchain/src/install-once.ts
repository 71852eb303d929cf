import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Fills a folder of the cache that is whole or not there: `fill` works beside it, and a rename puts it in place. Safe to
 * interrupt and to run twice at the same time.
 *
 * @returns the path of `file` within the folder
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
    if (!existsSync(installed)) throw error; // otherwise another process was quicker
  } finally {
    // Who was interrupted may have children that still write for a moment.
    await rm(fresh, { recursive: true, force: true, maxRetries: 10 });
  }
  return installed;
}
