import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExperimentFolder, patternOf } from './find-experiments.ts';

/** The documents of a manifest in files of their own, which are removed when this is disposed of. */
interface SplitManifest extends AsyncDisposable {
  /** The first document, then the first two, and so on until all. */
  prefixes: string[][];
}

/** Splits the manifest of an experiment into its documents. */
export async function splitManifest(experiment: ExperimentFolder): Promise<SplitManifest> {
  const name = patternOf(experiment);
  const manifest = await readFile(join(experiment.folder, name), 'utf8');
  const folder = await mkdtemp(join(tmpdir(), 'meshmart-manifest-'));
  const files: string[] = [];
  for (const document of manifest.split(/^---$/m)) {
    const file = join(folder, `${files.length + 1}-${name}`);
    await writeFile(file, document);
    files.push(file);
  }
  return {
    prefixes: files.map((_, index) => files.slice(0, index + 1)),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
