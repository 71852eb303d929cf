import { availableParallelism } from 'node:os';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { isLong } from './e2e/faults/is-long.ts';

const postgres = '@meshmart/database/test-server';
/** The limits only end what hangs: machines are shared, and a test asserts no time. */
const limits = { testTimeout: 180_000, hookTimeout: 180_000 };
const clusterLimits = { testTimeout: 7_200_000, hookTimeout: 3_600_000 };

/** Projects of the same order run side by side, the next order after them. */
function project(
  name: string,
  order: number,
  test: TestProjectInlineConfiguration['test'],
): TestProjectInlineConfiguration {
  return { extends: true, test: { name, ...test, sequence: { groupOrder: order } } };
}

/** Unit tests leave the other half of the cores to the processes that they start. */
const unit = { globalSetup: postgres, maxWorkers: Math.max(2, availableParallelism() / 2) };
/** Runs one file at a time: two stores at once are too many for two cores. In the long form each file has a worker. */
const onStore = { globalSetup: postgres, maxWorkers: 1, isolate: isLong };
/** Tests with a store of their own come first, because the others share one until their worker ends. */
const ownStore = [
  'authorization/authorization',
  'faults/{crash-points,fuzz,oversell,secrets}',
  'platform',
  'telemetry',
];
const withOwnStore = isLong ? [] : ownStore.map((name) => `e2e/${name}.e2e.test.ts`);
const onCluster = { maxWorkers: 1, ...clusterLimits };
/** A bare `vitest run` must not start a cluster, and therefore these tests run only if their project is named. */
const isOnCluster = /--project[= ](cluster|existing|gitops)/.test(process.argv.join(' '));

const clusterProjects = [
  project('cluster', 5, {
    include: ['e2e/cluster/*.cluster.test.ts'],
    globalSetup: './e2e/cluster/standing-cluster.ts',
    ...onCluster,
  }),
  // On a cluster of its own, to which Argo CD brings the store.
  project('gitops', 6, { include: ['e2e/gitops/*.cluster.test.ts'], ...onCluster }),
  // On a cluster of its own, with an Istio of somebody else's.
  project('existing', 7, { include: ['e2e/existing/*.cluster.test.ts'], ...onCluster }),
];

export default defineConfig({
  test: {
    ...limits,
    // A failure names all of what it found; by default Chai cuts it to 40 characters.
    chaiConfig: { truncateThreshold: 2000 },
    reporters: ['default', './e2e/src/totals-reporter.ts'],
    projects: [
      project('packages', 1, { include: ['{packages/*,e2e,tooling}/test/**/*.test.ts'], ...unit }),
      project('services', 1, {
        include: ['services/*/test/**/*.test.ts'],
        setupFiles: '@meshmart/service/check-documented',
        ...unit,
      }),
      project('own-store', 2, { include: withOwnStore, ...onStore }),
      project('e2e', 3, { include: ['e2e/**/*.e2e.test.ts'], exclude: withOwnStore, ...onStore }),
      // These mostly wait, so they run side by side, each file on a store.
      project('slow', 4, { include: ['e2e/**/*.slow.test.ts'], maxWorkers: 2, isolate: isLong }),
      ...(isOnCluster ? clusterProjects : []),
    ],
  },
});
