/** Deaths within `DEATH_WINDOW_MS` at which a process is given up. */
export const MAX_DEATHS = 5;
/** Period in which deaths count, in ms. */
export const DEATH_WINDOW_MS = 60_000;
const FIRST_DELAY_MS = 100;

export interface RestartPolicy {
  /** Records a death. @returns the delay before the restart in ms, or undefined to give up */
  recordDeath(now?: number): number | undefined;
}

/**
 * Creates a policy that restarts after 100 ms, waits three times longer after each further death, and gives up at
 * `MAX_DEATHS`.
 */
export function createRestartPolicy(): RestartPolicy {
  let deaths: number[] = [];
  return {
    recordDeath(now = Date.now()) {
      deaths = [...deaths.filter((at) => now - at < DEATH_WINDOW_MS), now];
      if (deaths.length >= MAX_DEATHS) return undefined;
      return FIRST_DELAY_MS * 3 ** (deaths.length - 1);
    },
  };
}
