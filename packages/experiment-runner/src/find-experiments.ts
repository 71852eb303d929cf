import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Experiment, MeshName, TargetName } from './experiment.ts';

export interface ExperimentFolder extends Experiment {
  name: string;
  folder: string;
}

/** Thrown when a name or folder is not an experiment. */
export class UnknownExperimentError extends Error {
  override readonly name = 'UnknownExperimentError';
}

/** Loads every folder with an `experiment.ts`, sorted by name. */
export async function listExperiments(experimentsFolder: string): Promise<ExperimentFolder[]> {
  const entries = await readdir(experimentsFolder, { withFileTypes: true });
  const folders = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(experimentsFolder, name));
  return Promise.all(folders.filter(isExperiment).sort().map(loadExperiment));
}

/** Loads the experiments that run on both targets. Their verdicts must agree. */
export async function listSharedExperiments(experimentsFolder: string): Promise<ExperimentFolder[]> {
  const experiments = await listExperiments(experimentsFolder);
  const both: TargetName[] = ['local', 'cluster'];
  return experiments.filter(({ needs }) => both.every((target) => needs.targets.includes(target)));
}

/**
 * Loads one experiment.
 *
 * @param nameOrPath a name, or a path with a slash, so that a changed copy can run beside the original
 * @throws UnknownExperimentError with the names to choose from
 */
export async function findExperiment(
  experimentsFolder: string,
  nameOrPath: string,
): Promise<ExperimentFolder> {
  const isPath = nameOrPath.includes('/');
  const folder = isPath ? resolve(nameOrPath) : join(experimentsFolder, nameOrPath);
  if (isExperiment(folder)) return loadExperiment(folder);
  const known = (await listExperiments(experimentsFolder)).map(({ name }) => name).join(', ');
  const missing = isPath ? `${folder} has no experiment.ts` : `there is no experiment "${nameOrPath}"`;
  throw new UnknownExperimentError(`${missing}; choose one of ${known}`);
}

/** The file that contains the pattern for each mesh. */
export const patternFiles: Record<MeshName, string> = { istio: 'istio.yaml' };

/** Lists the manifests of a phase. Without an action, this includes the pattern's manifest even if it is missing. */
export function manifestsOf(
  { folder, action }: Pick<ExperimentFolder, 'folder' | 'action'>,
  phase: 'baseline' | 'observe',
  mesh: MeshName = 'istio',
): string[] {
  const [baseline, pattern] = [join(folder, 'baseline.yaml'), join(folder, patternFiles[mesh])];
  const isRequired = (file: string) => file === pattern && !action;
  const files = phase === 'baseline' ? [baseline] : [baseline, pattern];
  return files.filter((file) => existsSync(file) || isRequired(file));
}

function isExperiment(folder: string): boolean {
  return existsSync(join(folder, 'experiment.ts'));
}

async function loadExperiment(folder: string): Promise<ExperimentFolder> {
  const module = await import(pathToFileURL(join(folder, 'experiment.ts')).href);
  return { ...(module.default as Experiment), name: basename(folder), folder };
}
