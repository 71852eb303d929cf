import { mkdir } from 'node:fs/promises';
import type { Finding } from '@meshmart/consistency-checker/check';
import { restock } from '@meshmart/store-client/restock';
import { type ExpectationResult, evaluateExpectations, type Measured } from './expectations.ts';
import type { K6Summary } from './experiment.ts';
import { type ExperimentFolder, manifestsOf, patternOf } from './find-experiments.ts';
import { describeLoad, type RunContext, runPhase } from './run-phase.ts';
import { splitManifest } from './split-manifest.ts';
import type { TargetStatus } from './target.ts';

export interface Outcome {
  expectations: ExpectationResult[];
  /** Invariants that the audit of the observed phase found broken; empty without an audit. */
  findings: Finding[];
  k6: { baseline: K6Summary; observed: K6Summary };
}

/**
 * Runs one experiment: baseline, apply, observe, restore. Restores the standing mesh in any case.
 *
 * @throws when the run does not complete: the mesh rejects a manifest, k6 breaks off, or `given.signal` is aborted
 */
export async function runExperiment(experiment: ExperimentFolder, given: RunContext): Promise<Outcome> {
  const { target, step } = given;
  const { needs, loadFrom } = experiment;
  if (needs.admin && loadFrom === 'pod') {
    throw new Error('experiment.ts: `needs.admin` and `loadFrom` exclude each other: no pod gets the login');
  }
  const context: RunContext = { ...given, ...(needs.admin && { admin: await target.readAdmin() }) };
  const { applyAfterS: afterS, applyEveryS: everyS } = experiment.phases;
  if (experiment.action && afterS !== undefined) {
    throw new Error('experiment.ts: `action` and `phases.applyAfterS` exclude each other');
  }
  const { gatewayUrl, ...found } = await target.status();
  const baselineFiles = manifestsOf(experiment, 'baseline');
  const observeFiles = manifestsOf(experiment, 'observe');
  const unmetNeed = describeUnmetNeed(experiment, found);
  if (unmetNeed) throw new Error(unmetNeed);
  await mkdir(context.reportFolder, { recursive: true });
  // Before the baseline: nobody should wait for it to learn that a manifest cannot be parsed.
  await target.validate(observeFiles);

  let measured: Omit<Measured, 'restored'>;
  if (observeFiles.length > 0) await target.applyOverlay(experiment.name, baselineFiles);
  else await target.lock(experiment.name);
  try {
    const { stock } = needs;
    if (stock) {
      await step(`prepare: ${stock} units of every product`, async () =>
        restock(gatewayUrl, await target.readAdmin(), stock),
      );
    }
    const baseline = await runPhase('baseline', experiment, context);
    const apply = async (files: string[]) =>
      (await target.applyOverlay(experiment.name, files)).forEach(context.warn);
    if (observeFiles.length > 0 && afterS === undefined)
      await step(`apply: ${patternOf(experiment)} in every proxy`, () => apply(observeFiles));
    await using documents = everyS === undefined ? undefined : await splitManifest(experiment);
    const stages = documents?.prefixes.map((files) => [...baselineFiles, ...files]) ?? [observeFiles];
    const changes = stages.map((files) => () => apply(files));
    const observed = await runPhase('observe', experiment, {
      ...context,
      removePattern: () => target.applyOverlay(experiment.name, baselineFiles),
      ...(afterS !== undefined && { applyLater: { afterS, everyS: everyS ?? 0, changes } }),
    });
    measured = { baseline, observed };
  } finally {
    await step('restore: the standing mesh in every proxy', () => target.restoreStandingMesh());
  }
  const restored = await step('restore: a short load', () =>
    target.sendLoad(describeLoad('restore', experiment, context), context.signal),
  );
  const { baseline, observed } = measured;
  return {
    expectations: evaluateExpectations(experiment, { baseline, observed, restored }),
    findings: experiment.check ? observed.audit().findings : [],
    k6: { baseline: baseline.summary, observed: observed.summary },
  };
}

/** Returns the reason why the experiment cannot run on a target in this state; undefined when it can. */
export function describeUnmetNeed(
  experiment: ExperimentFolder,
  { instances, rollouts, isFromGit }: Omit<TargetStatus, 'gatewayUrl'>,
): string | undefined {
  const { name, needs } = experiment;
  const { rollouts: needed = [] } = needs;
  if (needs.isFromGit && !isFromGit) {
    return `${name} needs a store that Argo CD deploys, and Helm deployed this one: ./meshmart cluster up --name OTHER`;
  }
  if (!needed.every((service) => rollouts.includes(service))) {
    return `${name} needs ${needed.join(', ')} to be Rollouts: ./meshmart cluster up --environment rollouts`;
  }
  if (rollouts.length > 0 && manifestsOf(experiment, 'observe').length > 0) {
    return `${name} applies routes whose weights Argo Rollouts sets here: ./meshmart cluster up --name OTHER`;
  }
  for (const [service, versions] of Object.entries(needs.services)) {
    for (const version of versions) {
      const found = instances.filter(
        (instance) => instance.service === service && instance.version === version,
      );
      if (found.some(({ state }) => state === 'ready')) continue;
      const state =
        found.map((instance) => `${instance.name} is ${instance.state}`).join(', ') || 'there is none';
      return `${name} needs ${service} ${version} to be ready: ${state}`;
    }
  }
  return undefined;
}
