import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { actUnderLoad } from './act-under-load.ts';
import { startAudit } from './audit.ts';
import { type Disturbed, disturb } from './disturb.ts';
import { listThresholds, type MeasuredPhase } from './expectations.ts';
import type { Disturbance, K6Summary, PhaseName } from './experiment.ts';
import { type ExperimentFolder, patternOf } from './find-experiments.ts';
import { measurePhase } from './measure.ts';
import type { Load, Target } from './target.ts';
import { listTraceIds, newTraceRunId, readCompleteTraces } from './traces.ts';
import { type ApplyLater, applyUnderLoad } from './under-load.ts';
import { waitForDrainedListeners } from './wait-for-drained-listeners.ts';

export interface RunContext {
  target: Target;
  /** Number of times that an `action` repeats in each phase. */
  rounds: number;
  /** Seed for the random choices of a disturbance. */
  seed: number;
  /** The administrator's login, if the load needs it. */
  admin?: Load['admin'];
  /** Folder for k6's HTML reports; created when missing. */
  reportFolder: string;
  /** Ends the run early. The standing mesh is restored all the same. */
  signal: AbortSignal;
  /** Shows a step while it runs. */
  step<T>(title: string, work: () => Promise<T>): Promise<T>;
  /** Prints a line of progress. */
  log(line: string): void;
  /** Prints a warning. */
  warn(line: string): void;
}

interface PhaseContext extends RunContext {
  applyLater?: ApplyLater;
  /** Removes the pattern after the load and before an audit, so that the store becomes quiescent without faults. */
  removePattern?(): Promise<unknown>;
}

/** Sends the load of one phase with its disturbance or action, measures it, and audits the store if asked to. */
export async function runPhase(
  phase: 'baseline' | 'observe',
  experiment: ExperimentFolder,
  context: PhaseContext,
): Promise<MeasuredPhase> {
  const { target, step, reportFolder } = context;
  await using runningAudit = experiment.check ? await startAudit(target) : undefined;
  const clientLog = join(reportFolder, `${phase}-clients.jsonl`);
  await rm(clientLog, { force: true });
  const report = join(reportFolder, `${phase}.html`);
  const load: Load = { ...describeLoad(phase, experiment, context), report };
  if (runningAudit) load.clientLog = clientLog;
  const { traces: metric } = experiment;
  const readTraces = metric ? await prepareTraces(load, metric, context) : undefined;
  const before = await target.takeSnapshot();
  const { result, ...ended } = await step(describePhase(phase, experiment, context), () =>
    sendLoad({ ...load, phase }, experiment, context),
  );
  const { summary, reported } = result;
  const snapshots = [before, await target.takeSnapshot()] as const;
  const { signal, warn, removePattern } = context;
  const traces = await readTraces?.(summary);
  const audit = runningAudit
    ? await step(`${phase}: wait until the store is quiescent, then audit it`, async () => {
        await removePattern?.();
        return runningAudit.finish({ clientLog, ...ended, signal, warn });
      })
    : undefined;
  return measurePhase(summary, snapshots, {
    reported,
    ...(traces && { traces }),
    ...(audit && { audit }),
  });
}

/**
 * Waits until every proxy records as its present configuration says.
 *
 * @param metric k6's counter of the traces
 * @returns a function that reads the traces, for use after the load
 */
async function prepareTraces(
  { phase, traceRun = '' }: Load,
  metric: string,
  { target, step, signal }: PhaseContext,
) {
  const { readTraces } = target;
  if (!readTraces) throw new Error('experiment.ts: `traces` needs the target "cluster"');
  await step(`${phase}: wait for connections that use older listeners`, () =>
    waitForDrainedListeners(target, signal),
  );
  return (summary: K6Summary) => {
    const ids = listTraceIds(traceRun, summary[metric]?.values.count ?? 0);
    return step(`${phase}: wait for the last spans`, () => readCompleteTraces(() => readTraces(ids), signal));
  };
}

function describePhase(
  phase: 'baseline' | 'observe',
  experiment: ExperimentFolder,
  context: PhaseContext,
): string {
  const { seed, applyLater } = context;
  const about = `${experiment.action ? 'at most' : 'about'} ${durationOf(phase, experiment, context)} s`;
  const later = applyLater ? `, with ${patternOf(experiment)} after ${applyLater.afterS} s` : '';
  const without = experiment.action ? 'action' : 'manifest';
  const load =
    phase === 'baseline'
      ? `baseline: ${about} of load without the ${without}`
      : `observe: ${about} of the same load${later}`;
  return disturbanceIn(phase, experiment) ? `${load}, disturbed (seed ${seed})` : load;
}

interface Sent {
  summary: K6Summary;
  reported?: Record<string, number> | undefined;
}

async function sendLoad(
  load: Load & { phase: 'baseline' | 'observe' },
  experiment: ExperimentFolder,
  context: PhaseContext,
): Promise<Disturbed<Sent>> {
  const { target, rounds, log, applyLater } = context;
  const { phase } = load;
  const { action } = experiment;
  const send = async (signal: AbortSignal): Promise<Sent> => {
    if (action) {
      return actUnderLoad(action, { target, phase, rounds, log, signal }, (more, stop) =>
        target.sendLoad({ ...load, ...more }, stop),
      );
    }
    const sendPlain = (stop: AbortSignal) => target.sendLoad(load, stop);
    return {
      summary: await (applyLater ? applyUnderLoad(applyLater, signal, sendPlain) : sendPlain(signal)),
    };
  };
  const disturbance = disturbanceIn(phase, experiment);
  if (disturbance) return disturb(disturbance, context, send);
  return { result: await send(context.signal), kills: 0, freezes: 0, endedAt: Date.now() };
}

function disturbanceIn(phase: PhaseName, { disturbance }: ExperimentFolder): Disturbance | undefined {
  return phase === 'observe' || (phase === 'baseline' && disturbance?.inBaseline) ? disturbance : undefined;
}

/** An action repeats in baseline and observe; the load after the restore is short. */
function durationOf(
  phase: PhaseName,
  { phases, action }: ExperimentFolder,
  { rounds }: Pick<RunContext, 'rounds'>,
): number {
  return phases[`${phase}S`] * (action && phase !== 'restore' ? rounds : 1);
}

/** Returns the load of a phase, with its thresholds. */
export function describeLoad(
  phase: PhaseName,
  experiment: ExperimentFolder,
  context: Pick<RunContext, 'rounds' | 'admin'>,
): Load {
  const { folder, variant, loadFrom: from = 'outside', traces } = experiment;
  const durationS = durationOf(phase, experiment, context);
  const thresholds = listThresholds(experiment, phase, durationS);
  const load: Load = { script: join(folder, 'load.ts'), phase, variant, durationS, from, thresholds };
  if (context.admin) load.admin = context.admin;
  return traces ? { ...load, traceRun: newTraceRunId() } : load;
}
