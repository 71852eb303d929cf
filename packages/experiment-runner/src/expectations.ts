import type {
  AgreementExpectation,
  Bounds,
  ComparisonExpectation,
  Expectation,
  Experiment,
  Guard,
  K6Summary,
  Phase,
  PhaseName,
  ThresholdExpectation,
} from './experiment.ts';

/** A measured phase, and k6's summary of it with the outcome of each threshold. */
export interface MeasuredPhase extends Phase {
  summary: K6Summary;
}

export interface Measured {
  baseline: MeasuredPhase;
  observed: MeasuredPhase;
  /** k6's summary of a short load after the standing mesh was restored. */
  restored: K6Summary;
}

/** A line of the result. Numbers have the unit that `expected` names; `null` means that there is no number. */
export interface ExpectationResult {
  name: string;
  expected: string;
  baseline: number | null;
  observed: number | string | null;
  ok: boolean;
  /** Why the expectation means something; missing when the run broke off. */
  reason?: string;
}

/** Returns the thresholds that k6 must check in one phase, by metric. @param durationS length of the phase */
export function listThresholds(
  { expectations, guards = [] }: Pick<Experiment, 'expectations' | 'guards'>,
  phase: PhaseName,
  durationS: number,
): Record<string, string[]> {
  const all = [...expectations.filter(isThreshold), ...guards];
  return Object.fromEntries(
    all.map(({ metric, thresholds }) => [metric, [chooseBounds(thresholds, phase, durationS)].flat()]),
  );
}

function chooseBounds(thresholds: Guard['thresholds'], phase: PhaseName, durationS: number): Bounds {
  if (typeof thresholds === 'function') return thresholds(durationS);
  return typeof thresholds === 'string' || Array.isArray(thresholds) ? thresholds : thresholds[phase];
}

function isThreshold(expectation: Expectation): expectation is ThresholdExpectation {
  return 'metric' in expectation;
}

/**
 * Compares the measured numbers with an experiment's expectations.
 *
 * @returns a line for each expectation, one more for each threshold after the restore, and one for each broken guard
 */
export function evaluateExpectations(
  { expectations, guards = [] }: Pick<Experiment, 'expectations' | 'guards'>,
  measured: Measured,
): ExpectationResult[] {
  const listed = expectations.map((expectation) => evaluate(expectation, measured));
  const restored = expectations.filter(isThreshold).map((one) => evaluateRestored(one, measured));
  const guarded = guards
    .map((guard) => ({ ...guard, name: guard.metric }))
    .flatMap((guard) => [evaluate(guard, measured), evaluateRestored(guard, measured)]);
  return [...listed, ...restored, ...guarded.filter(({ ok }) => !ok)];
}

type Numbers = Omit<ExpectationResult, 'name' | 'reason'>;

function evaluate(expectation: Expectation, measured: Measured): ExpectationResult {
  const { name, reason } = expectation;
  if (isThreshold(expectation)) return { name, reason, ...evaluateThreshold(expectation, measured) };
  if ('agreesWith' in expectation) return { name, reason, ...evaluateAgreement(expectation, measured) };
  return { name, reason, ...evaluateComparison(expectation, measured) };
}

function evaluateThreshold(expectation: ThresholdExpectation, { baseline, observed }: Measured): Numbers {
  const before = readThreshold(expectation, baseline.summary);
  const after = readThreshold(expectation, observed.summary);
  return {
    expected: before.expected === after.expected ? after.expected : `${before.expected} → ${after.expected}`,
    baseline: before.value,
    observed: after.value,
    ok: before.ok && after.ok,
  };
}

function evaluateRestored(
  expectation: ThresholdExpectation,
  { baseline, restored }: Measured,
): ExpectationResult {
  const { expected, value: observed, ok } = readThreshold(expectation, restored);
  const before = readThreshold(expectation, baseline.summary).value;
  const { name, reason } = expectation;
  return { name: `after restore: ${name}`, reason, expected, baseline: before, observed, ok };
}

/** Allowance for somebody else who uses the store during the run. */
const tolerance = 0.01;

function evaluateAgreement(expectation: AgreementExpectation, { baseline, observed }: Measured): Numbers {
  const [before, after] = [expectation.agreesWith(baseline), expectation.agreesWith(observed)];
  const [baselineValue, observedValue] = [expectation.value(baseline), expectation.value(observed)];
  const agree = (a: number, b: number) => Math.abs(a - b) <= tolerance * b;
  return {
    expected: `${before} → ${after} as k6 counts, ± 1 %`,
    baseline: baselineValue,
    observed: observedValue,
    ok: agree(baselineValue, before) && agree(observedValue, after),
  };
}

function evaluateComparison(
  { expected, unit, value, holds }: ComparisonExpectation,
  { baseline, observed }: Measured,
): Numbers {
  const [before, after] = [value(baseline), value(observed)];
  return {
    expected,
    baseline: inUnit(before, unit),
    observed: inUnit(after, unit),
    ok: holds(after, before),
  };
}

/** Returns k6's decision about one metric. A metric that k6 did not decide on does not hold. */
function readThreshold(
  expectation: ThresholdExpectation,
  summary: K6Summary,
): { expected: string; value: number | null; ok: boolean } {
  const metric = summary[expectation.metric];
  const thresholds = Object.entries(metric?.thresholds ?? {});
  if (!metric || thresholds.length === 0)
    return { expected: `k6 decides on ${expectation.metric}`, value: null, ok: false };
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

/** Parses one of k6's threshold expressions: `rate>=0.08`, `p(95)<200`. */
function parseThreshold(expression: string): Bound {
  const [, aggregate, operator, limit] =
    /^\s*([\w().]+?)\s*(===?|!=|[<>]=?)\s*([\d.]+)\s*$/.exec(expression) ?? [];
  if (!aggregate || !operator)
    throw new Error(`experiment.ts: the threshold "${expression}" cannot be parsed`);
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
