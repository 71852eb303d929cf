import { defineConfig } from 'vitest/config';

/** What every package's tests share. The limits only end what hangs: machines are shared, and a test asserts no time. */
export default defineConfig({
  test: {
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Read by `npm test`, which adds the packages up.
    reporters: ['default', ['json', { outputFile: 'reports/vitest.json' }]],
  },
});
