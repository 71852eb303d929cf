export const deathsToGiveUp = 5;
export const withinMs = 60_000;
const firstDelayMs = 100;

export interface RestartPolicy {
  /** @returns how long to wait before starting again, or undefined: it is time to give up */
  recordDeath(now?: number): number | undefined;
}

/** Starts again at once after one death, slower after each further one, and gives up at the fifth within a minute. */
export function createRestartPolicy(): RestartPolicy {
  let deaths: number[] = [];
  return {
    recordDeath(now = Date.now()) {
      deaths = [...deaths.filter((at) => now - at < withinMs), now];
      if (deaths.length >= deathsToGiveUp) return undefined;
      return firstDelayMs * 3 ** (deaths.length - 1);
    },
  };
}
