import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Experiment, MeshName, TargetName } from './experiment.ts';

export interface ExperimentFolder extends Experiment {
  name: string;
  folder: string;
  /** Name of the chosen variant; empty for the experiment itself. */
  variant: string;
}

/** Thrown when a name or folder is not an experiment, or an experiment has no such variant. */
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

/** Returns the experiment as a variant of it runs. @throws UnknownExperimentError with the names to choose from */
export function chooseVariant(experiment: ExperimentFolder, variant: string): ExperimentFolder {
  const { variants = {}, name } = experiment;
  if (variants[variant]) return { ...experiment, ...variants[variant], variant };
  const known = Object.keys(variants).join(', ');
  throw new UnknownExperimentError(
    `${name} has no variant "${variant}"; ${known ? `choose one of ${known}` : 'it has none'}`,
  );
}

/** The file that contains the pattern for each mesh. */
const patternFiles: Record<MeshName, string> = { istio: 'istio.yaml' };

/** Returns the name of the file that contains the pattern. */
export function patternOf(
  { folder, variant }: Pick<ExperimentFolder, 'folder' | 'variant'>,
  mesh: MeshName = 'istio',
): string {
  const own = `${variant}.yaml`;
  return variant && existsSync(join(folder, own)) ? own : patternFiles[mesh];
}

/** Lists the manifests of a phase. Without an action, this includes the pattern's manifest even if it is missing. */
export function manifestsOf(
  experiment: Pick<ExperimentFolder, 'folder' | 'variant' | 'action'>,
  phase: 'baseline' | 'observe',
): string[] {
  const { folder, action } = experiment;
  const [baseline, pattern] = [join(folder, 'baseline.yaml'), join(folder, patternOf(experiment))];
  const isRequired = (file: string) => file === pattern && !action;
  const files = phase === 'baseline' ? [baseline] : [baseline, pattern];
  return files.filter((file) => existsSync(file) || isRequired(file));
}

function isExperiment(folder: string): boolean {
  return existsSync(join(folder, 'experiment.ts'));
}

async function loadExperiment(folder: string): Promise<ExperimentFolder> {
  const module = await import(pathToFileURL(join(folder, 'experiment.ts')).href);
  return { ...(module.default as Experiment), name: basename(folder), folder, variant: '' };
}
