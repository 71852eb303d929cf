import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Experiment, TargetName } from './experiment.ts';

export interface ExperimentFolder extends Experiment {
  name: string;
  folder: string;
}

/** The name or folder that was asked for is no experiment. */
export class UnknownExperimentError extends Error {
  override readonly name = 'UnknownExperimentError';
}

/** Every folder with an `experiment.ts`, by name. */
export async function listExperiments(experimentsFolder: string): Promise<ExperimentFolder[]> {
  const entries = await readdir(experimentsFolder, { withFileTypes: true });
  const folders = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(experimentsFolder, name));
  return Promise.all(folders.filter(isExperiment).sort().map(loadExperiment));
}

/** Those that run on both targets, and have to give the same verdict on either. */
export async function listSharedExperiments(experimentsFolder: string): Promise<ExperimentFolder[]> {
  const experiments = await listExperiments(experimentsFolder);
  const both: TargetName[] = ['local', 'cluster'];
  return experiments.filter(({ needs }) => both.every((target) => needs.targets.includes(target)));
}

/** Finds one by its name, or by a path (it contains a slash), so that a changed copy can be run beside the original. */
export async function findExperiment(
  experimentsFolder: string,
  nameOrPath: string,
): Promise<ExperimentFolder> {
  const isPath = nameOrPath.includes('/');
  const folder = isPath ? resolve(nameOrPath) : join(experimentsFolder, nameOrPath);
  if (isExperiment(folder)) return loadExperiment(folder);
  const known = (await listExperiments(experimentsFolder)).map(({ name }) => name).join(', ');
  const missing = isPath ? `${folder} holds no experiment.ts` : `there is no experiment "${nameOrPath}"`;
  throw new UnknownExperimentError(`${missing}; choose one of ${known}`);
}

function isExperiment(folder: string): boolean {
  return existsSync(join(folder, 'experiment.ts'));
}

async function loadExperiment(folder: string): Promise<ExperimentFolder> {
  const module = await import(pathToFileURL(join(folder, 'experiment.ts')).href);
  return { ...(module.default as Experiment), name: basename(folder), folder };
}
