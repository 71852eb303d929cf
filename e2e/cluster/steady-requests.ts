import { setTimeout as sleep } from 'node:timers/promises';

export interface SteadyRequests {
  /** Returns the number of responses since the last call, by status or by the text of an error. */
  take(): Record<string, number>;
  stop(): Promise<void>;
}

/** Requests the catalogue ten times a second, however long the responses take. */
export function beginRequests(gatewayUrl: string): SteadyRequests {
  let outcomes: Record<string, number> = {};
  let stopped = false;
  const underWay = new Set<Promise<void>>();
  const ask = async () => {
    const outcome = await fetch(`${gatewayUrl}/products?limit=1`).then(
      async (answer) => {
        await answer.arrayBuffer();
        return String(answer.status);
      },
      (error) => String(error.cause ?? error),
    );
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  };
  const loop = (async () => {
    while (!stopped) {
      const one = ask().finally(() => underWay.delete(one));
      underWay.add(one);
      await sleep(100);
    }
  })();
  return {
    take() {
      const taken = outcomes;
      outcomes = {};
      return taken;
    },
    async stop() {
      stopped = true;
      await loop;
      await Promise.all(underWay);
    },
  };
}
