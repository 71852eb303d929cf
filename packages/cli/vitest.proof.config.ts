import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { isLong } from './test/proof/faults/is-long.ts';

/** Begun last, the longest would be waited for at the end. Those on the shared store come in a row, so that one worker has them. */
const longest = ['experiments', 'chaos'];
const onSharedStore = [
  'shop',
  'checkout',
  'locked-row',
  'capacity',
  'same-key',
  'logins',
  'sickness',
  'readme',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const first = [...longest, ...onSharedStore].map((name) => `/${name}.proof.test.ts`);
    const rank = ({ moduleId }: TestSpecification) => {
      const index = first.findIndex((ending) => moduleId.endsWith(ending));
      return index < 0 ? first.length : index;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

/** Proofs on the running platform. Two at a time, but for the long forms, whose figures are kept: each has a store of its own. */
export default defineConfig({
  test: {
    globalSetup: '@meshmart/database/test-server',
    include: ['test/proof/**/*.proof.test.ts'],
    maxWorkers: isLong ? 1 : 2,
    isolate: isLong,
    sequence: { sequencer: LongestFirst },
    // A failure names all of what it found; by default Chai cuts it to 40 characters.
    chaiConfig: { truncateThreshold: 2000 },
    // Read by `npm test`, which adds the packages up.
    reporters: ['default', ['json', { outputFile: 'reports/proof.json' }]],
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
