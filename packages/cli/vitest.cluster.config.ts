import { defineConfig } from 'vitest/config';

/** Proofs on a real cluster: as root, on Linux, with the tools built; `npm run test:cluster`, and no part of `npm test`. */
export default defineConfig({
  test: {
    include: ['test/proof/cluster/*.cluster.test.ts'],
    globalSetup: 'test/proof/cluster/standing-cluster.ts',
    fileParallelism: false,
    testTimeout: 1_800_000,
    hookTimeout: 1_800_000,
  },
});
