import { join } from 'node:path';
import { type ExperimentFolder, listExperiments } from '@meshmart/experiment-runner/find-experiments';
import { readVerdicts, type Verdicts } from '@meshmart/experiment-runner/verdicts';
import { config } from '@meshmart/toolchain/config';

const HEAD = `# Experiments

\`./meshmart generate\` writes this page from the folders in \`experiments/\` and from
\`experiments/verdicts.json\`, which \`./meshmart experiment --record\` keeps. A verdict has the day of
its last recorded run. Each README explains the pattern, and shows the table of a run and the trap.

| experiment | what it does | its trap | on local | on a cluster |
|---|---|---|---|---|
`;

/** Renders `docs/reference/experiments.md`. */
export async function renderExperiments(): Promise<string> {
  const folder = join(config.root, 'experiments');
  const verdicts = await readVerdicts(folder);
  const rows = (await listExperiments(folder)).map((experiment) => {
    const trap = experiment.variants?.trap?.summary ?? '';
    return `| ${[linkTo(experiment.name), experiment.summary, trap, ...verdictCells(experiment, verdicts)].join(' | ')} |`;
  });
  return `${HEAD}${rows.join('\n')}\n`;
}

/** Returns a link to an experiment from a page in `docs/reference/`. */
export function linkTo(name: string): string {
  return `[${name}](../../experiments/${name}/README.md)`;
}

/** Returns the last verdict on each target, with its day. */
export function verdictCells({ name, needs }: ExperimentFolder, verdicts: Verdicts): string[] {
  return (['local', 'cluster'] as const).map((target) => {
    if (!needs.targets.includes(target)) return '–';
    const recorded = verdicts[name]?.[target];
    return recorded ? `${recorded.verdict}, ${recorded.date}` : 'not recorded';
  });
}
