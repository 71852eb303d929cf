import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { isLong } from './test/proof/faults/is-long.ts';

/** Begun last, these would be waited for at the end. */
const longest = ['experiments.proof.test.ts', 'chaos.proof.test.ts'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLongest = ({ moduleId }: TestSpecification) => longest.some((file) => moduleId.endsWith(file));
    const others = await super.sort(files.filter((file) => !isLongest(file)));
    return [...files.filter(isLongest), ...others];
  }
}

/** Proofs on the running platform, each with a store of its own. Two at a time, but for the long forms, whose figures are kept. */
export default defineConfig({
  test: {
    globalSetup: '@meshmart/database/test-server',
    include: ['test/proof/**/*.proof.test.ts'],
    maxWorkers: isLong ? 1 : 2,
    sequence: { sequencer: LongestFirst },
    // Read by `npm test`, which adds the packages up.
    reporters: ['default', ['json', { outputFile: 'reports/proof.json' }]],
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
