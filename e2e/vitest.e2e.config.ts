import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { isLong } from './faults/is-long.ts';

/** These proofs share a store that runs until the worker ends. The others come first, because it would disturb them. */
const isOnSharedStore = ({ moduleId }: TestSpecification) =>
  readFileSync(moduleId, 'utf8').includes("/shared-store.ts'");

class SharedStoreLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { first = [], last = [] } = Object.groupBy(await super.sort(files), (file) =>
      isOnSharedStore(file) ? 'last' : 'first',
    );
    return [...first, ...last];
  }
}

/** Proofs on the running platform, one at a time, since they measure. In the long form each has a store of its own. */
export default defineConfig({
  test: {
    globalSetup: '@meshmart/database/test-server',
    include: ['**/*.e2e.test.ts'],
    maxWorkers: 1,
    isolate: isLong,
    sequence: { sequencer: SharedStoreLast },
    // A failure names all of what it found; by default Chai cuts it to 40 characters.
    chaiConfig: { truncateThreshold: 2000 },
    // Read by `npm test`, which adds the packages up.
    reporters: ['default', ['json', { outputFile: 'reports/e2e.json' }]],
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
