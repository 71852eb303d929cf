import { afterAll, beforeAll, expect, test } from 'vitest';
import { entry, plainEnvironment, runToEnd } from '../../run-entry.ts';
import { expectPass, prepareRuns } from '../experiment-runs.ts';
import { scale } from '../faults/scale.ts';

/** Of good and of bad revisions each. */
const canaries = scale(2, 20);
const { TEST_CLUSTER: existing } = process.env;
const name = existing ?? 'proof-canaries';

async function cluster(action: 'up' | 'down', ...how: string[]): Promise<void> {
  const args = [entry, 'cluster', action, '--name', name, ...how];
  const { code, output } = await runToEnd(process.execPath, args, plainEnvironment);
  expect(code, output).toBe(0);
}

beforeAll(async () => {
  if (!existing) await cluster('up', '--provider', 'native', '--environment', 'rollouts');
});
afterAll(async () => {
  if (!existing) await cluster('down');
});

test(`${canaries} good revisions are promoted, and ${canaries} bad ones come back by themselves`, async () => {
  const runs = await prepareRuns(['--on', 'cluster', '--cluster', name, '--rounds', String(canaries)]);
  const run = await runs.run('progressive-canary').finally(() => runs.remove());
  console.log(run.output);
  expectPass('progressive-canary', 'cluster', run);
});
