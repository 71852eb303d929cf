// k6 runs every script once per phase; the runner says by environment which one it is and how long it lasts.

export type PhaseName = 'baseline' | 'observe' | 'restore';

export const phase = __ENV.PHASE as PhaseName;
export const durationS = Number(__ENV.DURATION_S);

/** Picks what holds in the phase that is running: a threshold that differs from phase to phase. */
export function inPhase<T>(choices: Record<PhaseName, T>): T {
  return choices[phase];
}
