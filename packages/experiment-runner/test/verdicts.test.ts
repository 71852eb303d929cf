import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Result } from '../src/report.ts';
import { readVerdicts, recordVerdict } from '../src/verdicts.ts';

const result: Result = {
  ...{ experiment: 'timeout', variant: '', target: 'local', mesh: 'istio', verdict: 'pass' },
  ...{ startedAt: '2026-11-28T12:00:00.000Z', durationMs: 1, expectations: [], findings: [] },
  k6: { baseline: {}, observed: {} },
};

test('keeps the last verdict of each target and variant, and none of a run that broke off', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mm-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await recordVerdict(folder, { ...result, variant: 'trap' });
  await recordVerdict(folder, { ...result, verdict: 'fail' });
  await recordVerdict(folder, { ...result, target: 'cluster' });
  await recordVerdict(folder, result);
  await recordVerdict(folder, { ...result, verdict: 'fail', k6: { baseline: null, observed: null } });
  const passed = { verdict: 'pass', date: '2026-11-28' };
  expect(await readVerdicts(folder)).toEqual({
    timeout: { local: passed, cluster: passed },
    'timeout/trap': { local: passed },
  });
});
