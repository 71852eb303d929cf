import { chmod, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Creates a folder and its missing parents with mode 0755, whatever the umask is. */
export async function makeReachableFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) await chmod(made, 0o755);
}

/** Gives all users the owner's permissions to read and execute, recursively. */
export async function openToOthers(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToOthers(path);
    if (!entry.isFile()) continue;
    const mine = (await stat(path)).mode & 0o500;
    await chmod(path, 0o200 | mine | (mine >> 3) | (mine >> 6));
  }
}
