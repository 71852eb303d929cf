import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExperimentFolder } from './find-experiments.ts';

/**
 * Writes the table of a run into the README of its experiment, in place of the fenced block after the command.
 *
 * @throws when the README has no such block
 */
export async function recordTable(
  { folder, name, variant, needs }: Pick<ExperimentFolder, 'folder' | 'name' | 'variant' | 'needs'>,
  table: string,
): Promise<void> {
  const file = join(folder, 'README.md');
  const where = needs.targets.includes('local') ? '' : ' --on cluster';
  const command = `./meshmart experiment ${name}${variant && ` --variant ${variant}`}${where}`;
  const readme = await readFile(file, 'utf8');
  await writeFile(file, replaceTable(readme, command, table));
}

/** Replaces the fenced block after the fenced command. @throws when there is none */
export function replaceTable(readme: string, command: string, table: string): string {
  const fence = '```';
  const start = readme.indexOf(`${fence}\n${command}\n${fence}\n`);
  const from = start < 0 ? -1 : readme.indexOf(`${fence}\n`, start + 2 * fence.length + command.length + 3);
  const to = from < 0 ? -1 : readme.indexOf(`\n${fence}\n`, from + fence.length);
  if (to < 0) {
    throw new Error(
      `README.md has no block for the table; add \`${command}\` in a block, and an empty one after it`,
    );
  }
  return `${readme.slice(0, from)}${fence}\n${table}${readme.slice(to)}`;
}
