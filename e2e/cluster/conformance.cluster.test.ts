import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Conformance } from '@meshmart/conformance/report';
import { checkout, recordedStates } from '@meshmart/conformance/states';
import { entry, plainEnvironment, runToEnd } from '@meshmart/test-support/run-entry';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { afterEach, expect, test, vi } from 'vitest';
import { findStandingCluster } from './standing-cluster.ts';

const cluster = findStandingCluster();

afterEach(() => {
  vi.doUnmock('@meshmart/local-mesh/defaults');
  vi.resetModules();
});

test('istiod and the local mesh configure the proxies equally in every state, except for listed differences', async () => {
  const json = join(temporaryFolder(), 'conformance.json');
  const args = [entry, 'conformance', '--skip-experiments', '--cluster', cluster.name, '--json', json];
  const { code, output } = await runToEnd(process.execPath, args, plainEnvironment);
  const outcome: Conformance = JSON.parse(readFileSync(json, 'utf8') || '{}');
  expect(
    outcome.configuration?.states.flatMap(({ unlisted }) => unlisted),
    output,
  ).toEqual([]);
  expect(outcome.configuration.stale).toEqual([]);
  expect(code).toBe(0);
});

test('a wrong default of the local mesh is found', async () => {
  vi.doMock('@meshmart/local-mesh/defaults', async (original) => ({
    ...(await original<object>()),
    NO_TIMEOUT: '15s',
  }));
  const { beginConfigurationRun } = await import('@meshmart/conformance/configuration');
  const { knownDifferences } = await import('@meshmart/conformance/differences');
  const { compareWithKnownDifferences } = await import(
    '@meshmart/conformance/compare-with-known-differences'
  );
  const run = beginConfigurationRun(cluster.access, checkout);
  const { signal } = new AbortController();
  await run.wait(signal);
  try {
    // Every route of the standing mesh has a timeout of its own.
    const [, everyFeature] = recordedStates;
    const pair = await run.dump(everyFeature, signal);
    const { agrees, states } = compareWithKnownDifferences([pair], knownDifferences);
    expect(agrees).toBe(false);
    const timeouts = states[0]?.unlisted.filter(({ path }) => path.endsWith('/route/timeout')) ?? [];
    const proxies = timeouts.map(({ path }) => path.split('/')[0]);
    expect(new Set(proxies)).toEqual(new Set(Object.keys(pair.local)));
    for (const timeout of timeouts) expect(timeout).toMatchObject({ local: '15s', cluster: '0s' });
  } finally {
    await run.end();
  }
});
