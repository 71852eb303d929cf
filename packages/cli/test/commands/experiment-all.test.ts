import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExperimentFolder } from '@meshmart/experiment-runner/find-experiments';
import type { Result } from '@meshmart/experiment-runner/report';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runAll } from '../../src/commands/experiment-all.ts';

let reports: string;
let printed: string;

beforeEach(async () => {
  reports = await mkdtemp(join(tmpdir(), 'mm-'));
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(reports, { recursive: true });
});

function experiment(name: string, needs: Partial<ExperimentFolder['needs']> = {}): ExperimentFolder {
  return {
    ...{ name, folder: `/experiments/${name}`, variant: '', summary: '', expectations: [] },
    needs: { services: {}, targets: ['local'], ...needs },
    phases: { baselineS: 1, observeS: 1, restoreS: 1 },
    variants: { trap: { summary: '', expectations: [] } },
  };
}

function result({ name, variant }: ExperimentFolder, ok = true): Result {
  const expectations = [{ name: 'share', expected: '10 %', baseline: 0, observed: ok ? 10 : 30, ok }];
  const verdict = ok ? ('pass' as const) : ('fail' as const);
  const startedAt = '2026-01-01T00:00:00.000Z';
  const measured = { expectations, findings: [], k6: { baseline: {}, observed: {} } };
  return {
    experiment: name,
    variant,
    target: 'local',
    mesh: 'istio',
    startedAt,
    durationMs: 2000,
    verdict,
    ...measured,
  };
}

const [canary, mirror] = [experiment('canary'), experiment('mirror')];
const elsewhere = experiment('egress', { targets: ['cluster'] });
const rollout = experiment('rollout', { rollouts: ['product'] });

async function runThese(
  experiments: ExperimentFolder[],
  run: (one: ExperimentFolder) => Result,
  more: { variants?: boolean; resume?: boolean; signal?: AbortSignal } = {},
): Promise<string[]> {
  const ran: string[] = [];
  await runAll(experiments, {
    ...{
      on: 'local',
      variants: false,
      resume: false,
      reports,
      signal: new AbortController().signal,
      ...more,
    },
    target: { gatewayUrl: '', instances: [], rollouts: [], isFromGit: false },
    async run(one) {
      ran.push(one.variant ? `${one.name}/${one.variant}` : one.name);
      return run(one);
    },
  });
  return ran;
}

test('runs all that the target can run, and passes when each does', async () => {
  expect(await runThese([canary, elsewhere, mirror, rollout], (one) => result(one))).toEqual([
    'canary',
    'mirror',
  ]);
  expect(printed).toMatch(/^rollout +not run +rollout needs product to be Rollouts/m);
  expect(printed).not.toContain('egress');
  expect(printed).toContain('PASS: 2 of 2 passed');
});

test('fails when one fails, and names the expectation', async () => {
  await runThese([canary, mirror], (one) => result(one, one.name === 'mirror'));
  expect(printed).toMatch(/^canary +FAIL +2 +0 of 1 hold; not: share$/m);
  expect(printed).toContain('FAIL: 1 of 2 passed');
});

test('runs the variants after their experiment', async () => {
  expect(await runThese([canary], (one) => result(one), { variants: true })).toEqual([
    'canary',
    'canary/trap',
  ]);
});

test('goes on where it was interrupted, and runs the interrupted experiment again', async () => {
  const interruption = new AbortController();
  const interrupt = (one: ExperimentFolder) => {
    if (one.name === 'mirror') interruption.abort('SIGINT');
    return result(one);
  };
  await runThese([canary, mirror, experiment('retries')], interrupt, { signal: interruption.signal });
  expect(printed).toContain('Go on with: ./meshmart experiment --all --on local --resume');
  expect(printed).toContain('FAIL: 1 of 3 passed');
  const again = await runThese([canary, mirror, experiment('retries')], (one) => result(one), {
    resume: true,
  });
  expect(again).toEqual(['mirror', 'retries']);
  expect(printed).toContain('PASS: 3 of 3 passed');
});
