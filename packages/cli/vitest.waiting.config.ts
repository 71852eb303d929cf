import { defineConfig } from 'vitest/config';

/** Proofs on a running platform that wait most of the time, for keys to get old and for patience to end. They run beside the tests. */
export default defineConfig({
  test: {
    include: ['test/proof/**/*.waiting.test.ts'],
    maxWorkers: 2,
    reporters: ['default', ['json', { outputFile: 'reports/waiting.json' }]],
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
