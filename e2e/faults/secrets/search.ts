import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { encodings, type Needle } from './needles.ts';

export interface Find {
  file: string;
  kind: string;
  /** The encoding in which it was written. */
  way: string;
  /** The text before it in its line. */
  context: string;
}

/** Runs grep, which searches for thousands of texts at once and reads any file as bytes. */
const options = [
  '--fixed-strings',
  '--text',
  '--only-matching',
  '--byte-offset',
  '--with-filename',
  '--null',
];
const longestLine = 8192;
const shown = 100;

/**
 * Searches all files of the folders for all needles, in every encoding.
 *
 * @param scratch a folder that is not searched
 */
export async function search(needles: Needle[], folders: string[], scratch: string): Promise<Find[]> {
  const known = new Map<string, { kind: string; way: string }>();
  for (const { kind, text } of needles) {
    for (const [written, way] of encodings(text)) known.set(written, { kind, way });
  }
  const patterns = join(scratch, 'patterns');
  writeFileSync(patterns, `${[...known.keys()].join('\n')}\n`, { mode: 0o600 });
  const args = [...options, '--recursive', '--devices=skip', `--file=${patterns}`, ...folders];
  const finds: Find[] = [];
  for (const { file, offset, written } of await grep(args)) {
    const { kind, way } = known.get(written) ?? { kind: 'unknown', way: '' };
    finds.push({ file, kind, way, context: await readBefore(file, offset) });
  }
  return finds;
}

async function grep(args: string[]): Promise<{ file: string; offset: number; written: string }[]> {
  const child = spawn('grep', args, { env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' } });
  const [output, errors, [code]] = await Promise.all([
    readAll(child.stdout),
    readAll(child.stderr),
    once(child, 'close'),
  ]);
  // Files of the database may disappear during the search.
  const isReal = (line: string) => line !== '' && !line.endsWith('No such file or directory');
  if (code > 1 && errors.split('\n').some(isReal)) throw new Error(`grep failed: ${errors}`);
  return output
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [, file = '', offset = '', written = ''] = /^(.*)\0(\d+):(.*)$/s.exec(line) ?? [];
      return { file, offset: Number(offset), written };
    });
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Returns the beginning of a line, which identifies a span, and the text just before the find. */
async function readBefore(path: string, offset: number): Promise<string> {
  await using file = await open(path).catch(() => undefined);
  if (!file) return '';
  const position = Math.max(0, offset - longestLine);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(offset - position), { position });
  const line = buffer.subarray(0, bytesRead).toString().split('\n').at(-1) ?? '';
  const text = line.length > 2 * shown ? `${line.slice(0, shown)} … ${line.slice(-shown)}` : line;
  return text.replaceAll(/[^\x20-\x7e…]+/g, ' ');
}
