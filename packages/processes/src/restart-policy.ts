export const MAX_DEATHS = 5;
export const DEATH_WINDOW_MS = 60_000;
const FIRST_DELAY_MS = 100;

export interface RestartPolicy {
  /** @returns how long to wait before starting again, or undefined: it is time to give up */
  recordDeath(now?: number): number | undefined;
}

/** Starts again at once after one death, slower after each further one, and gives up at the fifth within a minute. */
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
