import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { actUnderLoad } from './act-under-load.ts';
import { startAudit } from './audit.ts';
import { type Disturbed, disturb } from './disturb.ts';
import type { MeasuredPhase } from './expectations.ts';
import type { Disturbance, K6Summary } from './experiment.ts';
import type { ExperimentFolder } from './find-experiments.ts';
import { measurePhase } from './measure.ts';
import type { RunContext } from './run-experiment.ts';
import type { Load } from './target.ts';
import { listTraceIds, newTraceRunId, readCompleteTraces } from './traces.ts';
import { type ApplyLater, applyUnderLoad } from './under-load.ts';
import { waitForDrainedListeners } from './wait-for-drained-listeners.ts';

export interface PhaseContext extends RunContext {
  applyLater?: ApplyLater;
  /** Takes the manifest away after the load and before a check: coming to rest is measured while nothing fails any more. */
  endFaults?(): Promise<unknown>;
}

/** Sends the load of one phase, disturbs the store meanwhile and checks it afterwards when the experiment says so. */
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
  const load: Load = { ...describeLoad(phase, experiment), report };
  if (experiment.action) load.durationS *= context.rounds;
  if (runningAudit) load.clientLog = clientLog;
  const { traces: metric } = experiment;
  const readTraces = metric ? await prepareTraces(load, metric, context) : undefined;
  const before = await target.takeSnapshot();
  const { result, ...ended } = await step(describePhase(phase, experiment, context), () =>
    sendLoad({ ...load, phase }, experiment, context),
  );
  const { summary, reported } = result;
  const snapshots = [before, await target.takeSnapshot()] as const;
  const { signal, warn, endFaults } = context;
  const traces = await readTraces?.(summary);
  const audit = runningAudit
    ? await step(`${phase}: until all orders have ended, and a check of what is left`, async () => {
        await endFaults?.();
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
 * Waits until every proxy records what it should.
 *
 * @param metric of k6's, which counts the traces
 * @returns what reads them, after the load
 */
async function prepareTraces(
  { phase, traceRun = '' }: Load,
  metric: string,
  { target, step, signal }: PhaseContext,
) {
  const { readTraces } = target;
  if (!readTraces) throw new Error('experiment.ts: `traces` needs the target "cluster"');
  await step(`${phase}: until no connection is left from before the last change`, () =>
    waitForDrainedListeners(target, signal),
  );
  return (summary: K6Summary) => {
    const ids = listTraceIds(traceRun, summary[metric]?.values.count ?? 0);
    return step(`${phase}: until no more spans come`, () =>
      readCompleteTraces(() => readTraces(ids), signal),
    );
  };
}

function describePhase(
  phase: 'baseline' | 'observe',
  experiment: ExperimentFolder,
  { seed, rounds, applyLater }: PhaseContext,
): string {
  const times = experiment.action ? rounds : 1;
  const [baselineS, observeS] = [experiment.phases.baselineS * times, experiment.phases.observeS * times];
  const atMost = experiment.action ? 'at most' : 'about';
  const load =
    phase === 'baseline'
      ? `baseline: ${atMost} ${baselineS} s of load without the ${experiment.action ? 'pattern' : 'manifest'}`
      : `observe: ${atMost} ${observeS} s of the same load${applyLater ? `, and istio.yaml after ${applyLater.afterS} s` : ''}`;
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
  const { target, rounds, tell, applyLater } = context;
  const { phase } = load;
  const { action } = experiment;
  const send = async (signal: AbortSignal): Promise<Sent> => {
    if (action) {
      return actUnderLoad(action, { target, phase, rounds, tell, signal }, (more, stop) =>
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

function disturbanceIn(phase: Load['phase'], { disturbance }: ExperimentFolder): Disturbance | undefined {
  return phase === 'observe' || (phase === 'baseline' && disturbance?.inBaseline) ? disturbance : undefined;
}

export function describeLoad(phase: Load['phase'], experiment: ExperimentFolder): Load {
  const { folder, phases, loadFrom: from = 'outside', traces } = experiment;
  const load: Load = { script: join(folder, 'load.ts'), phase, durationS: phases[`${phase}S`], from };
  return traces ? { ...load, traceRun: newTraceRunId() } : load;
}
