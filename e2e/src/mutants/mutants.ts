import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyPatch, parsePatch, type StructuredPatch } from 'diff';

/** A known bug as a patch, such as `01-keys-in-memory.patch`. Two lines before the diff state `what` and `caughtBy`. */
export interface Mutant {
  name: string;
  /** The defect, as a sentence. */
  what: string;
  /** Name of the invariant that must catch it. */
  caughtBy: string;
  patches: StructuredPatch[];
}

/** Reads the patches in a folder, sorted by name. */
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

/** Returns the files that a mutant changes, relative to the checkout. */
export function changedFiles({ patches }: Mutant): string[] {
  return patches.map(({ newFileName }) => String(newFileName).replace(/^b\//, ''));
}

/**
 * Applies a mutant to a copy of the checkout.
 *
 * @throws when the patch does not apply to the current code
 */
export function applyMutant(mutant: Mutant, checkout: string): void {
  for (const [index, file] of changedFiles(mutant).entries()) {
    const path = join(checkout, file);
    const changed = applyPatch(readFileSync(path, 'utf8'), mutant.patches[index] as StructuredPatch);
    if (changed === false) throw new Error(`${mutant.name}.patch does not fit ${file} any more`);
    writeFileSync(path, changed);
  }
}
