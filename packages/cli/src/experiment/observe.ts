import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openBooks } from './aftermath.ts';
import type { Disturbance, K6Summary } from './define.ts';
import { type Disturbed, disturb } from './disturb.ts';
import type { ExperimentFolder } from './list.ts';
import { measurePhase } from './measure.ts';
import type { Load } from './platform.ts';
import type { MeasuredPhase } from './proofs.ts';
import type { RunContext } from './run.ts';

export interface PhaseContext extends RunContext {
  /** Takes the manifest away after the load and before a check: coming to rest is measured while nothing fails any more. */
  endFaults?(): Promise<unknown>;
}

/** Sends the load of one phase, disturbs the store meanwhile and checks it afterwards when the experiment says so. */
export async function observePhase(
  phase: 'baseline' | 'observe',
  experiment: ExperimentFolder,
  context: PhaseContext,
): Promise<MeasuredPhase> {
  const { platform, step, reportFolder } = context;
  await using books = experiment.check ? await openBooks(platform) : undefined;
  const clientLog = join(reportFolder, `${phase}-clients.jsonl`);
  await rm(clientLog, { force: true });
  const report = join(reportFolder, `${phase}.html`);
  const load = { ...describeLoad(phase, experiment), report, ...(books ? { clientLog } : {}) };
  const before = await platform.takeSnapshot();
  const { result, ...ended } = await step(describePhase(phase, experiment, context), () =>
    sendLoad(load, experiment, context),
  );
  const snapshots = [before, await platform.takeSnapshot()] as const;
  const { signal, warn, endFaults } = context;
  const aftermath = books
    ? await step(`${phase}: until all orders have ended, and a check of what is left`, async () => {
        await endFaults?.();
        return books.close({ clientLog, ...ended, signal, warn });
      })
    : undefined;
  return measurePhase(result, snapshots, aftermath);
}

function describePhase(
  phase: 'baseline' | 'observe',
  experiment: ExperimentFolder,
  { seed }: PhaseContext,
): string {
  const { baselineS, observeS } = experiment.phases;
  const load =
    phase === 'baseline'
      ? `baseline: about ${baselineS} s of load without the manifest`
      : `observe: about ${observeS} s of the same load`;
  return disturbanceIn(phase, experiment) ? `${load}, disturbed (seed ${seed})` : load;
}

async function sendLoad(
  load: Load,
  experiment: ExperimentFolder,
  context: PhaseContext,
): Promise<Disturbed<K6Summary>> {
  const send = (signal: AbortSignal) => context.platform.sendLoad(load, signal);
  const disturbance = disturbanceIn(load.phase, experiment);
  if (disturbance) return disturb(disturbance, context, send);
  return { result: await send(context.signal), kills: 0, endedAt: Date.now() };
}

function disturbanceIn(phase: Load['phase'], { disturbance }: ExperimentFolder): Disturbance | undefined {
  return phase === 'observe' || (phase === 'baseline' && disturbance?.inBaseline) ? disturbance : undefined;
}

export function describeLoad(phase: Load['phase'], { folder, phases, loadFrom }: ExperimentFolder): Load {
  const from = loadFrom ?? 'outside';
  return { script: join(folder, 'load.ts'), phase, durationS: phases[`${phase}S`], from };
}
