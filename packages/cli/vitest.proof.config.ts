import { defineConfig } from 'vitest/config';

/** Proofs on the running platform. One after the other: each starts a whole store, and measures it. */
export default defineConfig({
  test: {
    globalSetup: '@meshmart/database/test-server',
    include: ['test/proof/**/*.proof.test.ts'],
    fileParallelism: false,
    // Read by `npm test`, which adds the packages up.
    reporters: ['default', ['json', { outputFile: 'reports/proof.json' }]],
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
