import { describe, expect, test } from 'vitest';
import { evaluateExpectations, type MeasuredPhase } from '../src/expectations.ts';
import type { Expectation, Experiment, K6Summary } from '../src/experiment.ts';
import { decideVerdict, describeBreakOff, formatResult, type Result } from '../src/report.ts';

function experimentWith(...expectations: Expectation[]): Experiment {
  return {
    summary: '',
    needs: { services: {}, targets: ['local'], meshes: ['istio'] },
    phases: { baselineS: 1, observeS: 1, restoreS: 1 },
    expectations,
  };
}

function share(rate: number, thresholds: Record<string, boolean>): K6Summary {
  const outcomes = Object.entries(thresholds).map(([expression, ok]) => [expression, { ok }]);
  return { v2_share: { values: { rate }, thresholds: Object.fromEntries(outcomes) } };
}

function phaseWith(summary: K6Summary, proxyCount = 0): MeasuredPhase {
  return {
    summary,
    k6: (metric, aggregate) => summary[metric]?.values[aggregate] ?? 0,
    proxy: () => proxyCount,
    service: () => 0,
    traces: () => [],
    audit: () => {
      throw new Error('there is none');
    },
    reported: () => 0,
  };
}

const before = share(0, { 'rate==0': true });
const during = share(0.1013, { 'rate>=0.08': true, 'rate<=0.12': true });
const byThreshold: Expectation = { name: 'v2 share', unit: '%', threshold: 'v2_share' };

function evaluate(expectation: Expectation, baseline: K6Summary, observed: K6Summary, restored = before) {
  const measured = { baseline: phaseWith(baseline), observed: phaseWith(observed), restored };
  return evaluateExpectations(experimentWith(expectation), measured);
}

describe('an expectation by threshold', () => {
  test('takes its expectation, its numbers and its outcome from k6, in all three phases', () => {
    expect(evaluate(byThreshold, before, during)).toEqual([
      { name: 'v2 share', expected: '0 % → 8 to 12 %', baseline: 0, observed: 10.13, ok: true },
      { name: 'after restore: v2 share', expected: '0 %', baseline: 0, observed: 0, ok: true },
    ]);
  });

  test('fails when the observed phase crosses it', () => {
    const observed = share(0.3, { 'rate>=0.08': true, 'rate<=0.12': false });
    expect(evaluate(byThreshold, before, observed)[0]).toMatchObject({ observed: 30, ok: false });
  });

  test('fails when the baseline already shows the pattern', () => {
    const baseline = share(0.1, { 'rate==0': false });
    expect(evaluate(byThreshold, baseline, during)[0]).toMatchObject({ baseline: 10, ok: false });
  });

  test('fails when the effect is still there after the restore', () => {
    const restored = share(0.1, { 'rate==0': false });
    const [listed, back] = evaluate(byThreshold, before, during, restored);
    expect(listed?.ok).toBe(true);
    expect(back).toMatchObject({ name: 'after restore: v2 share', observed: 10, ok: false });
  });

  test('fails when load.ts sets no threshold for the metric, or k6 never saw it', () => {
    expect(evaluate(byThreshold, before, share(0.1, {}))[0]).toMatchObject({ observed: null, ok: false });
    expect(evaluate(byThreshold, before, {})[0]).toMatchObject({ observed: null, ok: false });
  });
});

describe('a threshold that no expectation names', () => {
  const dropped = (count: number, ok: boolean): K6Summary => ({
    dropped_iterations: { values: { count }, thresholds: { 'count==0': { ok } } },
  });

  test('is left out while it holds', () => {
    const both = [
      { ...before, ...dropped(0, true) },
      { ...during, ...dropped(0, true) },
    ] as const;
    const names = evaluate(byThreshold, ...both, { ...before, ...dropped(0, true) }).map(({ name }) => name);
    expect(names).toEqual(['v2 share', 'after restore: v2 share']);
  });

  test('becomes a failed expectation when it is crossed, in the load or after the restore', () => {
    const fine = dropped(0, true);
    const inLoad = evaluate(byThreshold, { ...before, ...fine }, { ...during, ...dropped(7, false) }, before);
    expect(inLoad.at(-1)).toEqual({
      name: 'dropped_iterations',
      expected: '0',
      baseline: 0,
      observed: 7,
      ok: false,
    });
    const after = evaluate(byThreshold, { ...before, ...fine }, { ...during, ...fine }, dropped(7, false));
    expect(after.at(-1)).toMatchObject({ name: 'after restore: dropped_iterations', observed: 7, ok: false });
  });
});

describe('an expectation by a second witness', () => {
  const witness: Expectation = {
    name: 'v2 by proxy',
    value: (phase) => phase.proxy('gateway', /v2/),
    agreesWith: (phase) => phase.k6('v2_share', 'passes'),
  };
  const counted = (passes: number): K6Summary => ({ v2_share: { values: { passes } } });
  const evaluateCounts = (proxyCount: number) =>
    evaluateExpectations(experimentWith(witness), {
      baseline: phaseWith(counted(0), 0),
      observed: phaseWith(counted(450), proxyCount),
      restored: {},
    })[0];

  test('holds within one percent', () => {
    const expected = '0 → 450 as k6 counts, ± 1 %';
    expect(evaluateCounts(452)).toEqual({
      name: 'v2 by proxy',
      expected,
      baseline: 0,
      observed: 452,
      ok: true,
    });
  });

  test('fails when the two disagree', () => {
    expect(evaluateCounts(460)?.ok).toBe(false);
    expect(evaluateCounts(0)?.ok).toBe(false);
  });
});

test('an expectation by comparison sees both phases', () => {
  const moved: Expectation = {
    name: 'median',
    unit: 'ms',
    expected: '+ 400 ms',
    value: (phase) => phase.k6('http_req_duration', 'med'),
    holds: (observed, baseline) => observed - baseline > 390,
  };
  const median = (med: number): K6Summary => ({ http_req_duration: { values: { med } } });
  expect(evaluate(moved, median(2.4567), median(402.1), {})).toEqual([
    { name: 'median', expected: '+ 400 ms', baseline: 2.46, observed: 402.1, ok: true },
  ]);
  expect(evaluate(moved, median(2), median(3), {})[0]?.ok).toBe(false);
});

describe('the outcome', () => {
  const expectations = evaluate(byThreshold, before, share(0.3, { 'rate>=0.08': true, 'rate<=0.12': false }));

  test('passes only when there are expectations and all hold', () => {
    expect(decideVerdict(evaluate(byThreshold, before, during))).toBe('pass');
    expect(decideVerdict(expectations)).toBe('fail');
    expect(decideVerdict([])).toBe('fail');
  });

  const result: Result = {
    experiment: 'canary',
    target: 'local',
    mesh: 'istio',
    startedAt: '2026-01-01T00:00:00.000Z',
    durationMs: 1,
    verdict: 'fail',
    expectations,
    findings: [],
    k6: { baseline: {}, observed: {} },
  };

  test('is a table with a line per expectation, and one that names those that failed', () => {
    expect(formatResult(result).split('\n')).toEqual([
      'expectation              expected         baseline  observed',
      '───────────────────────  ───────────────  ────────  ────────  ──────',
      'v2 share                 0 % → 8 to 12 %  0         30        FAILED',
      'after restore: v2 share  0 %              0         0         ok',
      '',
      'FAIL canary: v2 share (expected 0 % → 8 to 12 %; baseline 0, observed 30)',
    ]);
    const passed: Result = {
      ...result,
      verdict: 'pass',
      expectations: evaluate(byThreshold, before, during),
    };
    expect(formatResult(passed)).toMatch(/\nPASS canary: all 2 expectations hold$/);
  });

  test('is the reason alone when the run broke off', () => {
    const brokeOff = [describeBreakOff('istio.yaml:3: unknown field')];
    const text = formatResult({ ...result, expectations: brokeOff, k6: { baseline: null, observed: null } });
    expect(text).toBe('FAIL canary: the run broke off\nistio.yaml:3: unknown field');
    expect(decideVerdict(brokeOff)).toBe('fail');
  });
});
