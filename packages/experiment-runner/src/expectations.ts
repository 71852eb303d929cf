import type {
  AgreementExpectation,
  ComparisonExpectation,
  Expectation,
  Experiment,
  K6Summary,
  Phase,
  ThresholdExpectation,
} from './experiment.ts';

/** A phase as it was measured, and k6's summary of it with the outcome of each threshold. */
export interface MeasuredPhase extends Phase {
  summary: K6Summary;
}

export interface Measured {
  baseline: MeasuredPhase;
  observed: MeasuredPhase;
  /** k6's short look after the standing state came back. */
  restored: K6Summary;
}

/** One line of the outcome. Numbers are in the unit that `expected` names; `null` is a number that was never seen. */
export interface ExpectationResult {
  name: string;
  expected: string;
  baseline: number | null;
  observed: number | string | null;
  ok: boolean;
}

/**
 * Holds the measured numbers against the experiment's expectations. Two kinds of lines come on top: the thresholds of the
 * listed metrics once more after the restore, and each crossed threshold of `load.ts` that no expectation names.
 */
export function evaluateExpectations(experiment: Experiment, measured: Measured): ExpectationResult[] {
  const listed = experiment.expectations.map((expectation) => evaluateExpectation(expectation, measured));
  const byThreshold = experiment.expectations.filter((expectation) => 'threshold' in expectation);
  const restored = byThreshold.flatMap((expectation) => evaluateRestored(expectation, measured));
  return [...listed, ...restored, ...evaluateUnnamed(byThreshold, measured)];
}

function evaluateExpectation(expectation: Expectation, measured: Measured): ExpectationResult {
  if ('threshold' in expectation) return evaluateThreshold(expectation, measured);
  return 'agreesWith' in expectation
    ? evaluateAgreement(expectation, measured)
    : evaluateComparison(expectation, measured);
}

function evaluateThreshold(
  expectation: ThresholdExpectation,
  { baseline, observed }: Measured,
): ExpectationResult {
  const before = readThreshold(expectation, baseline.summary);
  const after = readThreshold(expectation, observed.summary);
  return {
    name: expectation.name,
    expected: before.expected === after.expected ? after.expected : `${before.expected} → ${after.expected}`,
    baseline: before.value,
    observed: after.value,
    ok: before.ok && after.ok,
  };
}

function evaluateRestored(
  expectation: ThresholdExpectation,
  { baseline, restored }: Measured,
): ExpectationResult[] {
  const { expected, value, ok } = readThreshold(expectation, restored);
  const name = `after restore: ${expectation.name}`;
  return [
    { name, expected, baseline: readThreshold(expectation, baseline.summary).value, observed: value, ok },
  ];
}

/** The share of disagreement that is left to somebody who uses the store during the run. */
const tolerance = 0.01;

function evaluateAgreement(
  expectation: AgreementExpectation,
  { baseline, observed }: Measured,
): ExpectationResult {
  const [before, after] = [expectation.agreesWith(baseline), expectation.agreesWith(observed)];
  const agree = (a: number, b: number) => Math.abs(a - b) <= tolerance * b;
  return {
    name: expectation.name,
    expected: `${before} → ${after} as k6 counts, ± 1 %`,
    baseline: expectation.value(baseline),
    observed: expectation.value(observed),
    ok: agree(expectation.value(baseline), before) && agree(expectation.value(observed), after),
  };
}

function evaluateComparison(
  expectation: ComparisonExpectation,
  { baseline, observed }: Measured,
): ExpectationResult {
  const [before, after] = [expectation.value(baseline), expectation.value(observed)];
  return {
    name: expectation.name,
    expected: expectation.expected,
    baseline: inUnit(before, expectation.unit),
    observed: inUnit(after, expectation.unit),
    ok: expectation.holds(after, before),
  };
}

function evaluateUnnamed(
  named: ThresholdExpectation[],
  { baseline, observed, restored }: Measured,
): ExpectationResult[] {
  const metrics = Object.keys(observed.summary).filter(
    (metric) => !named.some(({ threshold }) => threshold === metric),
  );
  return metrics.flatMap((metric) => {
    const expectation = { name: metric, threshold: metric };
    if (!observed.summary[metric]?.thresholds) return [];
    const [during, after] = [
      evaluateThreshold(expectation, { baseline, observed, restored }),
      readThreshold(expectation, restored),
    ];
    if (!during.ok) return [during];
    return after.ok ? [] : evaluateRestored(expectation, { baseline, observed, restored });
  });
}

/** What k6 decided about one metric. A metric without a threshold proves nothing and does not hold. */
function readThreshold(
  expectation: ThresholdExpectation,
  summary: K6Summary,
): { expected: string; value: number | null; ok: boolean } {
  const metric = summary[expectation.threshold];
  const thresholds = Object.entries(metric?.thresholds ?? {});
  if (!metric || thresholds.length === 0)
    return { expected: 'a threshold in load.ts', value: null, ok: false };
  const bounds = thresholds.map(([expression]) => parseThreshold(expression));
  const value = metric.values[bounds[0]?.aggregate ?? ''];
  return {
    expected: describeBounds(bounds, expectation.unit),
    value: value === undefined ? null : inUnit(value, expectation.unit),
    ok: value !== undefined && thresholds.every(([, { ok }]) => ok),
  };
}

interface Bound {
  aggregate: string;
  operator: string;
  limit: number;
}

/** Reads one of k6's threshold expressions: `rate>=0.08`, `p(95)<200`. */
function parseThreshold(expression: string): Bound {
  const [, aggregate, operator, limit] =
    /^\s*([\w().]+?)\s*(===?|!=|[<>]=?)\s*([\d.]+)\s*$/.exec(expression) ?? [];
  if (!aggregate || !operator) throw new Error(`load.ts: the threshold "${expression}" cannot be read`);
  return { aggregate, operator, limit: Number(limit) };
}

const signs: Record<string, string> = {
  '>=': '≥ ',
  '<=': '≤ ',
  '>': '> ',
  '<': '< ',
  '!=': '≠ ',
  '==': '',
  '===': '',
};

function describeBounds(bounds: Bound[], unit: Expectation['unit']): string {
  const number = (bound: Bound | undefined) => (bound ? inUnit(bound.limit, unit) : '');
  const from = bounds.find(({ operator }) => operator.startsWith('>'));
  const to = bounds.find(({ operator }) => operator.startsWith('<'));
  const range = from && to && bounds.length === 2;
  const text = range
    ? `${number(from)} to ${number(to)}`
    : bounds.map((bound) => `${signs[bound.operator]}${number(bound)}`).join(' and ');
  return unit ? `${text} ${unit}` : text;
}

function inUnit(value: number, unit: Expectation['unit']): number {
  return Math.round((unit === '%' ? value * 100 : value) * 100) / 100;
}
