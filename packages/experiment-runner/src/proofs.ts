import type {
  AgreementProof,
  ComparisonProof,
  Experiment,
  K6Summary,
  Phase,
  Proof,
  ThresholdProof,
} from './define.ts';

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
export interface ProofResult {
  name: string;
  expected: string;
  baseline: number | null;
  observed: number | string | null;
  ok: boolean;
}

/**
 * Holds the measured numbers against the experiment's proofs. Two kinds of lines come on top: the thresholds of the
 * listed metrics once more after the restore, and each crossed threshold of `load.ts` that no proof names.
 */
export function evaluateProofs(experiment: Experiment, measured: Measured): ProofResult[] {
  const listed = experiment.proofs.map((proof) => evaluateProof(proof, measured));
  const byThreshold = experiment.proofs.filter((proof) => 'threshold' in proof);
  const restored = byThreshold.flatMap((proof) => evaluateRestored(proof, measured));
  return [...listed, ...restored, ...evaluateUnnamed(byThreshold, measured)];
}

function evaluateProof(proof: Proof, measured: Measured): ProofResult {
  if ('threshold' in proof) return evaluateThreshold(proof, measured);
  return 'agreesWith' in proof ? evaluateAgreement(proof, measured) : evaluateComparison(proof, measured);
}

function evaluateThreshold(proof: ThresholdProof, { baseline, observed }: Measured): ProofResult {
  const before = judge(proof, baseline.summary);
  const after = judge(proof, observed.summary);
  return {
    name: proof.name,
    expected: before.expected === after.expected ? after.expected : `${before.expected} → ${after.expected}`,
    baseline: before.value,
    observed: after.value,
    ok: before.ok && after.ok,
  };
}

function evaluateRestored(proof: ThresholdProof, { baseline, restored }: Measured): ProofResult[] {
  const { expected, value, ok } = judge(proof, restored);
  const name = `after restore: ${proof.name}`;
  return [{ name, expected, baseline: judge(proof, baseline.summary).value, observed: value, ok }];
}

/** The share of disagreement that is left to somebody who uses the store during the run. */
const tolerance = 0.01;

function evaluateAgreement(proof: AgreementProof, { baseline, observed }: Measured): ProofResult {
  const [before, after] = [proof.agreesWith(baseline), proof.agreesWith(observed)];
  const agree = (a: number, b: number) => Math.abs(a - b) <= tolerance * b;
  return {
    name: proof.name,
    expected: `${before} → ${after} as k6 counts, ± 1 %`,
    baseline: proof.value(baseline),
    observed: proof.value(observed),
    ok: agree(proof.value(baseline), before) && agree(proof.value(observed), after),
  };
}

function evaluateComparison(proof: ComparisonProof, { baseline, observed }: Measured): ProofResult {
  const [before, after] = [proof.value(baseline), proof.value(observed)];
  return {
    name: proof.name,
    expected: proof.expected,
    baseline: inUnit(before, proof.unit),
    observed: inUnit(after, proof.unit),
    ok: proof.holds(after, before),
  };
}

function evaluateUnnamed(named: ThresholdProof[], { baseline, observed, restored }: Measured): ProofResult[] {
  const metrics = Object.keys(observed.summary).filter(
    (metric) => !named.some(({ threshold }) => threshold === metric),
  );
  return metrics.flatMap((metric) => {
    const proof = { name: metric, threshold: metric };
    if (!observed.summary[metric]?.thresholds) return [];
    const [during, after] = [
      evaluateThreshold(proof, { baseline, observed, restored }),
      judge(proof, restored),
    ];
    if (!during.ok) return [during];
    return after.ok ? [] : evaluateRestored(proof, { baseline, observed, restored });
  });
}

/** What k6 decided about one metric. A metric without a threshold proves nothing and does not hold. */
function judge(
  proof: ThresholdProof,
  summary: K6Summary,
): { expected: string; value: number | null; ok: boolean } {
  const metric = summary[proof.threshold];
  const thresholds = Object.entries(metric?.thresholds ?? {});
  if (!metric || thresholds.length === 0)
    return { expected: 'a threshold in load.ts', value: null, ok: false };
  const bounds = thresholds.map(([expression]) => parseThreshold(expression));
  const value = metric.values[bounds[0]?.aggregate ?? ''];
  return {
    expected: describeBounds(bounds, proof.unit),
    value: value === undefined ? null : inUnit(value, proof.unit),
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

function describeBounds(bounds: Bound[], unit: Proof['unit']): string {
  const number = (bound: Bound | undefined) => (bound ? inUnit(bound.limit, unit) : '');
  const from = bounds.find(({ operator }) => operator.startsWith('>'));
  const to = bounds.find(({ operator }) => operator.startsWith('<'));
  const range = from && to && bounds.length === 2;
  const text = range
    ? `${number(from)} to ${number(to)}`
    : bounds.map((bound) => `${signs[bound.operator]}${number(bound)}`).join(' and ');
  return unit ? `${text} ${unit}` : text;
}

function inUnit(value: number, unit: Proof['unit']): number {
  return Math.round((unit === '%' ? value * 100 : value) * 100) / 100;
}
