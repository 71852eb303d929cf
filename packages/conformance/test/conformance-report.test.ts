import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExpectationResult } from '@meshmart/experiment-runner/expectations';
import { listSharedExperiments } from '@meshmart/experiment-runner/find-experiments';
import { describeBreakOff } from '@meshmart/experiment-runner/report';
import { config } from '@meshmart/toolchain/config';
import { describe, expect, test } from 'vitest';
import { compareVerdicts, type ExpectationAgreement, sharesOfSpeed } from '../src/compare-verdicts.ts';
import { withDifferences, withLastRun } from '../src/document.ts';
import { type Conformance, formatConformance, isAgreement } from '../src/report.ts';

const experiment = {
  name: 'canary',
  expectations: [{ name: 'share of v2', unit: '%' as const }, { name: 'requests' }],
};

const result = (name: string, baseline: number, observed: number, ok = true): ExpectationResult => ({
  name,
  expected: '',
  baseline,
  observed,
  ok,
});
const share = (baseline: number, observed: number, ok = true) =>
  result('share of v2', baseline, observed, ok);

const ran = (expectations: ExpectationResult[]) => ({ expectations, k6: { baseline: {}, observed: {} } });

function problemOf(local: ExpectationResult[], cluster: ExpectationResult[]): (string | undefined)[] {
  const agreements = compareVerdicts(experiment, { local: ran(local), cluster: ran(cluster) });
  return agreements.map(({ problem }) => problem);
}

describe('an experiment on both targets', () => {
  test('agrees when shares differ by at most two points; counts may differ', () => {
    expect(
      problemOf([share(0, 9.1), result('requests', 1, 4200)], [share(0, 11.1), result('requests', 2, 5000)]),
    ).toEqual([undefined, undefined]);
  });

  test('does not agree when a share differs by more, before or after', () => {
    expect(problemOf([share(0, 9)], [share(0, 11.01)])).toEqual(['observed differs by more than 2 points']);
    expect(problemOf([share(3, 9)], [share(0, 9)])).toEqual(['baseline differs by more than 2 points']);
  });

  test('compares a share after the restore too', () => {
    const after = (value: number) => result('after restore: share of v2', 0, value);
    expect(problemOf([after(0)], [after(5)])).toEqual(['observed differs by more than 2 points']);
  });

  test('does not agree when an expectation fails on one target, on both, or is missing', () => {
    expect(problemOf([share(0, 10)], [share(0, 10, false)])).toEqual(['holds only on local']);
    expect(problemOf([share(0, 10, false)], [share(0, 10)])).toEqual(['holds only on cluster']);
    expect(problemOf([share(0, 10, false)], [share(0, 10, false)])).toEqual(['does not hold']);
    expect(problemOf([share(0, 10)], [])).toEqual(['only on local']);
  });

  test('says why a run broke off', () => {
    const expectations = [describeBreakOff('the platform has stopped')];
    const cluster = { expectations, k6: { baseline: null, observed: null } };
    expect(compareVerdicts(experiment, { local: ran([share(0, 10)]), cluster })).toMatchObject([
      { expectation: 'the run comes to its end', problem: 'broke off on cluster: the platform has stopped' },
    ]);
  });

  test('does not agree when a share was not measured', () => {
    expect(problemOf([{ ...share(0, 1), observed: null }], [share(0, 0)])).toEqual([
      'observed differs by more than 2 points',
    ]);
  });
});

const shared = await listSharedExperiments(join(config.root, 'experiments'));

describe('shares that depend on speed', () => {
  test.each(Object.keys(sharesOfSpeed))('%s is an expectation', (key) => {
    const keys = shared.flatMap(({ name, expectations }) =>
      expectations.map((expectation) => `${name}: ${expectation.name}`),
    );
    expect(keys).toContain(key);
  });

  test('are not compared, but must hold', () => {
    const [key = ''] = Object.keys(sharesOfSpeed);
    const [name = '', expectation = ''] = key.split(': ');
    const definition = {
      name,
      expectations: [{ name: expectation, unit: '%' as const }],
    };
    const hold = (local: ExpectationResult, cluster: ExpectationResult) =>
      compareVerdicts(definition, { local: ran([local]), cluster: ran([cluster]) })[0];
    const agreement = hold(result(expectation, 0, 76), result(expectation, 0, 60));
    expect(agreement).toMatchObject({ remark: sharesOfSpeed[key] });
    expect(agreement).not.toHaveProperty('problem');
    expect(hold(result(expectation, 0, 76), result(expectation, 0, 5, false))).toHaveProperty('problem');
  });
});

describe('the outcome', () => {
  const agreeing: ExpectationAgreement[] = compareVerdicts(experiment, {
    local: ran([share(0, 9.5)]),
    cluster: ran([share(0, 10.25)]),
  });
  const outcome: Conformance = {
    startedAt: '2026-11-21T22:12:42.391Z',
    versions: { kubernetes: 'v1.34.4', istio: '1.31-eed52ebb66ad', envoy: '1.40.0' },
    configuration: {
      states: [{ state: 'standing', proxies: 8, resources: 165, unlisted: [] }],
      stale: [],
      agrees: true,
    },
    experiments: agreeing,
  };

  test('shows both targets side by side', () => {
    expect(isAgreement(outcome)).toBe(true);
    const lines = formatConformance(outcome).split('\n');
    expect(lines).toContain('standing  8        165        none');
    expect(lines).toContain('canary      share of v2  0 → 9.5  0 → 10.25  ok');
    expect(lines.at(-1)).toBe('PASS: both targets agree');
  });

  test('can be written into a document', () => {
    const document = '# Title\n\n## The last run\nold\n\n## Next\ntext\n';
    expect(withLastRun(document, outcome)).toBe(
      `# Title\n\n## The last run\n\`\`\`\n${formatConformance(outcome)}\n\`\`\`\n\n## Next\ntext\n`,
    );
  });

  test('names the disagreements', () => {
    const failed: Conformance = {
      ...outcome,
      configuration: {
        states: [
          {
            state: 'canary',
            proxies: 8,
            resources: 165,
            unlisted: [{ path: 'gateway/routes/http.80/validate_clusters', local: false }],
          },
        ],
        stale: [{ path: '**/tracing', cluster: '*' }],
        agrees: false,
      },
      experiments: [{ ...(agreeing[0] as ExpectationAgreement), problem: 'holds only on local' }],
    };
    expect(isAgreement(failed)).toBe(false);
    expect(isAgreement({ ...outcome, configuration: failed.configuration })).toBe(false);
    expect(isAgreement({ ...outcome, experiments: failed.experiments ?? [] })).toBe(false);
    const lines = formatConformance(failed).split('\n');
    expect(lines).toContain('canary: gateway/routes/http.80/validate_clusters');
    expect(lines).toContain('    local    false');
    expect(lines).toContain('    cluster  nothing');
    expect(lines).toContain('listed, but no longer found: **/tracing');
    expect(lines.at(-1)).toBe(
      'FAIL: unlisted differences of configuration: 1; listed differences no longer found: 1; experiments that do not agree: canary',
    );
  });
});

test("the documentation's list of differences is the one of the code (vitest -u writes it)", async () => {
  const file = join(import.meta.dirname, '../../../docs/reference/conformance.md');
  await expect(withDifferences(readFileSync(file, 'utf8'))).toMatchFileSnapshot(file);
});
