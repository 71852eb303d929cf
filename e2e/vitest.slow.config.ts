import { defineConfig } from 'vitest/config';
import { isLong } from './faults/is-long.ts';

/**
 * Proofs on a running platform that wait most of the time, for keys to get old and for patience to end. They run after the other
 * proofs, which would keep the store from answering, one by one on one store; in the long form each has its own.
 */
export default defineConfig({
  test: {
    include: ['**/*.slow.test.ts'],
    maxWorkers: 1,
    isolate: isLong,
    // A failure names all of what it found; by default Chai cuts it to 40 characters.
    chaiConfig: { truncateThreshold: 2000 },
    reporters: ['default', ['json', { outputFile: 'reports/slow.json' }]],
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
