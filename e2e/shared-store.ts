import { test as base } from 'vitest';
import { endStore, makeState, type RunningStore, startStore } from './running-store.ts';

/**
 * A `test` with a store that all files of one worker share. Tests must leave the store as they found it, except for
 * orders and accounts. Isolated files have a store each.
 */
export const test = base.extend<{ $worker: { store: RunningStore } }>({
  store: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from it what a fixture needs
    async ({}, use) => {
      const { state, remove } = makeState();
      let store: RunningStore | undefined;
      try {
        store = await startStore(state);
        await use(store);
      } finally {
        await endStore(store, remove);
      }
    },
    { scope: 'worker' },
  ],
});
