import { defineConfig } from 'vitest/config';

const longest = { testTimeout: 7_200_000, hookTimeout: 3_600_000 };

/** Proofs on a real cluster: as root, on Linux, with the tools built; `./meshmart test:cluster`, and no part of `npm test`. */
export default defineConfig({
  test: {
    // A failure names all of what it found; by default Chai cuts it to 40 characters.
    chaiConfig: { truncateThreshold: 2000 },
    fileParallelism: false,
    reporters: ['default', ['json', { outputFile: 'reports/cluster.json' }]],
    projects: [
      {
        test: {
          name: 'cluster',
          include: ['cluster/*.cluster.test.ts'],
          globalSetup: 'cluster/standing-cluster.ts',
          fileParallelism: false,
          ...longest,
        },
      },
      // On a cluster of its own, to which Argo CD brings the store.
      {
        test: {
          name: 'gitops',
          include: ['gitops/*.cluster.test.ts'],
          fileParallelism: false,
          ...longest,
        },
      },
    ],
  },
});
