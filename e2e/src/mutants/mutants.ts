import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyPatch, parsePatch, type StructuredPatch } from 'diff';

/** A known mutant, kept as a patch: `01-keys-in-memory.patch`, which begins with two lines of its own. */
export interface Mutant {
  name: string;
  /** What it breaks, as a sentence. */
  what: string;
  /** The name of the checker's invariant that must find it. */
  caughtBy: string;
  patches: StructuredPatch[];
}

/** Reads the patches of a folder, in the order of their numbers. */
export function readMutants(folder: string): Mutant[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.patch'));
  return files.sort().map((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const [what = '', caughtBy = ''] = text.split('\n', 2);
    return {
      name: file.slice(0, -'.patch'.length),
      what,
      caughtBy: caughtBy.replace(/^Caught by: /, ''),
      patches: parsePatch(text.slice(text.indexOf('diff --git'))),
    };
  });
}

/** The files that a bug changes, relative to the checkout. */
export function changedFiles({ patches }: Mutant): string[] {
  return patches.map(({ newFileName }) => String(newFileName).replace(/^b\//, ''));
}

/**
 * Changes the files of a copy of the checkout.
 *
 * @throws when a patch does not fit the code any more: it has to be made anew
 */
export function applyMutant(mutant: Mutant, checkout: string): void {
  for (const [index, file] of changedFiles(mutant).entries()) {
    const path = join(checkout, file);
    const changed = applyPatch(readFileSync(path, 'utf8'), mutant.patches[index] as StructuredPatch);
    if (changed === false) throw new Error(`${mutant.name}.patch does not fit ${file} any more`);
    writeFileSync(path, changed);
  }
}
