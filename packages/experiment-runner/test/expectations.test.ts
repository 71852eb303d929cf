import { describe, expect, test } from 'vitest';
import { evaluateExpectations, listThresholds, type MeasuredPhase } from '../src/expectations.ts';
import type { Expectation, Experiment, Guard, K6Summary } from '../src/experiment.ts';
import { decideVerdict, describeBreakOff, formatResult, type Result } from '../src/report.ts';

function experimentWith(...expectations: Expectation[]): Experiment {
  return {
    summary: '',
    needs: { services: {}, targets: ['local'] },
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
    gauge: () => 0,
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
const reason = 'the reason';
const byThreshold: Expectation = {
  name: 'v2 share',
  unit: '%',
  metric: 'v2_share',
  thresholds: { baseline: 'rate==0', observe: ['rate>=0.08', 'rate<=0.12'], restore: 'rate==0' },
  reason,
};

function evaluate(expectation: Expectation, baseline: K6Summary, observed: K6Summary, restored = before) {
  const measured = { baseline: phaseWith(baseline), observed: phaseWith(observed), restored };
  return evaluateExpectations(experimentWith(expectation), measured);
}

describe('an expectation by threshold', () => {
  test('takes its expectation, its numbers and its outcome from k6, in all three phases', () => {
    expect(evaluate(byThreshold, before, during)).toEqual([
      { name: 'v2 share', expected: '0 % → 8 to 12 %', baseline: 0, observed: 10.13, ok: true, reason },
      { name: 'after restore: v2 share', expected: '0 %', baseline: 0, observed: 0, ok: true, reason },
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

  test('fails when k6 decided on no threshold of the metric, or never saw it', () => {
    expect(evaluate(byThreshold, before, share(0.1, {}))[0]).toMatchObject({ observed: null, ok: false });
    expect(evaluate(byThreshold, before, {})[0]).toMatchObject({ observed: null, ok: false });
  });
});

describe('a guard', () => {
  const guard: Guard = { metric: 'dropped_iterations', thresholds: 'count==0', reason };
  const dropped = (count: number, ok: boolean): K6Summary => ({
    dropped_iterations: { values: { count }, thresholds: { 'count==0': { ok } } },
  });
  const fine = dropped(0, true);
  const evaluateGuard = (during: K6Summary, restored: K6Summary) =>
    evaluateExpectations(
      { expectations: [], guards: [guard] },
      { baseline: phaseWith(fine), observed: phaseWith(during), restored },
    );

  test('is left out while it holds', () => {
    expect(evaluateGuard(fine, fine)).toEqual([]);
  });

  test('is a failed expectation when it is broken, in the load or after the restore', () => {
    expect(evaluateGuard(dropped(7, false), fine)).toEqual([
      { name: 'dropped_iterations', expected: '0', baseline: 0, observed: 7, ok: false, reason },
    ]);
    expect(evaluateGuard(fine, dropped(7, false))).toMatchObject([
      { name: 'after restore: dropped_iterations', observed: 7, ok: false },
    ]);
  });

  test('fails when k6 did not decide on it', () => {
    expect(evaluateGuard({}, fine)).toMatchObject([{ observed: null, ok: false }]);
  });
});

test('k6 gets the bounds of the phase, of its length, and of the guards', () => {
  const answered: Expectation = {
    name: 'answered',
    metric: 'orders_answered',
    thresholds: (durationS) => `count==${20 * durationS}`,
    reason,
  };
  const experiment = {
    expectations: [byThreshold, answered],
    guards: [{ metric: 'http_req_failed', thresholds: 'rate==0', reason }],
  };
  expect(listThresholds(experiment, 'observe', 3)).toEqual({
    v2_share: ['rate>=0.08', 'rate<=0.12'],
    orders_answered: ['count==60'],
    http_req_failed: ['rate==0'],
  });
  expect(listThresholds(experiment, 'restore', 3)).toMatchObject({ v2_share: ['rate==0'] });
});

describe('an expectation by a second witness', () => {
  const witness: Expectation = {
    name: 'v2 by proxy',
    value: (phase) => phase.proxy('gateway', /v2/),
    agreesWith: (phase) => phase.k6('v2_share', 'passes'),
    reason,
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
      reason,
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
    reason,
  };
  const median = (med: number): K6Summary => ({ http_req_duration: { values: { med } } });
  expect(evaluate(moved, median(2.4567), median(402.1), {})).toEqual([
    { name: 'median', expected: '+ 400 ms', baseline: 2.46, observed: 402.1, ok: true, reason },
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
    variant: '',
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
      '  v2 share: the reason',
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
