import { test as base } from 'vitest';
import { endStore, makeState, type RunningStore, startStore } from './running-store.ts';

/**
 * For proofs that leave the store as they found it, but for what was sold and who has registered. Starting one takes longer than
 * most of them, so all that run in one worker have it in common; where files are isolated, each has its own.
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
