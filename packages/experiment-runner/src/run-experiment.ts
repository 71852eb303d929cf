import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Finding } from '@meshmart/consistency-checker/check';
import { restock } from '@meshmart/store-client/restock';
import { type ExpectationResult, evaluateExpectations, type Measured } from './expectations.ts';
import type { K6Summary } from './experiment.ts';
import type { ExperimentFolder } from './find-experiments.ts';
import { describeLoad, runPhase } from './run-phase.ts';
import type { Target, TargetStatus } from './target.ts';

export interface RunContext {
  target: Target;
  /** How many times over an `action` acts in each phase. */
  rounds: number;
  /** Decides what chance decides in a disturbance. */
  seed: number;
  /** Folder for k6's HTML reports; made when missing. */
  reportFolder: string;
  /** Ends the run early; the standing state is restored all the same. */
  signal: AbortSignal;
  /** Shows a step while it works. */
  step<T>(title: string, work: () => Promise<T>): Promise<T>;
  /** Shows what happens meanwhile. */
  tell(line: string): void;
  /** Shows what the mesh takes, but would not have written so. */
  warn(line: string): void;
}

export interface Outcome {
  expectations: ExpectationResult[];
  /** What the check after the observed load found broken; empty when nothing is, or there is no check. */
  findings: Finding[];
  k6: { baseline: K6Summary; observed: K6Summary };
}

/**
 * Runs one experiment: baseline, apply, observe, restore. Rejects when it could not be run to its end (a manifest that
 * the mesh refuses, k6 breaking off, an interruption); the standing state is back then too.
 */
export async function runExperiment(experiment: ExperimentFolder, context: RunContext): Promise<Outcome> {
  const { target, step } = context;
  const { action, phases } = experiment;
  const { applyAfterS: afterS } = phases;
  if (action && afterS !== undefined) {
    throw new Error('experiment.ts: `action` and `phases.applyAfterS` do not go together');
  }
  const { gatewayUrl, ...found } = await target.status();
  const baselineFiles = filesOf(experiment, ['baseline.yaml']);
  const observeFiles = filesOf(experiment, ['baseline.yaml', 'istio.yaml']);
  assertNeeds(experiment, found, observeFiles);
  await mkdir(context.reportFolder, { recursive: true });
  // Nobody should wait for a baseline to learn that a manifest cannot be read.
  await target.validate(observeFiles);

  let measured: Omit<Measured, 'restored'>;
  // From here on nobody else's manifest can get into the numbers; an empty list takes the lock too.
  if (observeFiles.length > 0) await target.applyOverlay(experiment.name, baselineFiles);
  else await target.lock(experiment.name);
  try {
    const { stock } = experiment.needs;
    if (stock) {
      await step(`prepare: ${stock} of every product`, async () =>
        restock(gatewayUrl, await target.readAdmin(), stock),
      );
    }
    const baseline = await runPhase('baseline', experiment, context);
    const apply = async () =>
      (await target.applyOverlay(experiment.name, observeFiles)).forEach(context.warn);
    if (observeFiles.length > 0 && afterS === undefined)
      await step('apply: istio.yaml, until every proxy has it', apply);
    const endFaults = () => target.applyOverlay(experiment.name, baselineFiles);
    const observed = await runPhase('observe', experiment, {
      ...context,
      endFaults,
      ...(afterS !== undefined && { applyLater: { afterS, apply } }),
    });
    measured = { baseline, observed };
  } finally {
    await step('restore: the standing state, until every proxy has it', () => target.restoreStandingMesh());
  }
  const restored = await step('restore: a short look at the numbers', () =>
    target.sendLoad(describeLoad('restore', experiment), context.signal),
  );
  const { baseline, observed } = measured;
  return {
    expectations: evaluateExpectations(experiment, { baseline, observed, restored }),
    findings: experiment.check ? observed.audit().findings : [],
    k6: { baseline: baseline.summary, observed: observed.summary },
  };
}

/** Without an action the manifest is the pattern: a run that lacks it has to fail. */
function filesOf({ folder, action }: ExperimentFolder, names: string[]): string[] {
  const files = names.map((name) => join(folder, name));
  return files.filter((file) => existsSync(file) || (!action && basename(file) === 'istio.yaml'));
}

type Found = Omit<TargetStatus, 'gatewayUrl'>;

function assertNeeds(
  { name, needs }: ExperimentFolder,
  { instances, rollouts, isFromGit }: Found,
  manifests: string[],
): void {
  const { rollouts: needed = [] } = needs;
  if (needs.isFromGit && !isFromGit) {
    throw new Error(
      `${name} needs Argo CD to bring the store, and Helm has brought this one: ./meshmart cluster up --name OTHER`,
    );
  }
  if (!needed.every((service) => rollouts.includes(service))) {
    throw new Error(
      `${name} needs ${needed.join(', ')} to be Rollouts: ./meshmart cluster up --environment rollouts`,
    );
  }
  if (rollouts.length > 0 && manifests.length > 0) {
    throw new Error(
      `${name} has its own routes, and Rollouts set the weights of these there: ./meshmart cluster up --name OTHER`,
    );
  }
  for (const [service, versions] of Object.entries(needs.services)) {
    for (const version of versions) {
      const found = instances.filter(
        (instance) => instance.service === service && instance.version === version,
      );
      if (found.some(({ state }) => state === 'ready')) continue;
      const state =
        found.map((instance) => `${instance.name} is ${instance.state}`).join(', ') || 'there is none';
      throw new Error(`${name} needs ${service} ${version} to be ready: ${state}`);
    }
  }
}
