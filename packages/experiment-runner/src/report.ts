import type { Finding } from '@meshmart/consistency-checker/check';
import { formatTable } from '@meshmart/terminal/table';
import type { ExpectationResult } from './expectations.ts';
import type { K6Summary, TargetName } from './experiment.ts';

/** The outcome of one run, as `--json` writes it. */
export interface Result {
  experiment: string;
  target: TargetName;
  mesh: 'istio';
  /** RFC 3339, UTC. */
  startedAt: string;
  durationMs: number;
  verdict: 'pass' | 'fail';
  expectations: ExpectationResult[];
  findings: Finding[];
  k6: { baseline: K6Summary | null; observed: K6Summary | null };
}

/** Every run passes by at least one expectation that held and none that did not. */
export function decideVerdict(expectations: ExpectationResult[]): Result['verdict'] {
  return expectations.length > 0 && expectations.every(({ ok }) => ok) ? 'pass' : 'fail';
}

/** The one line of a run that could not be carried to its end. */
export function describeBreakOff(message: string): ExpectationResult {
  return {
    name: 'the run comes to its end',
    expected: 'no error',
    baseline: null,
    observed: message,
    ok: false,
  };
}

/** What a person sees at the end: the expectations as a table and the verdict, or why there are none. */
export function formatResult(result: Result): string {
  const [only] = result.expectations;
  if (!result.k6.baseline && only) return `FAIL ${result.experiment}: the run broke off\n${only.observed}`;
  return `${formatExpectations(result.expectations)}\n\n${formatVerdict(result)}`;
}

function formatExpectations(expectations: ExpectationResult[]): string {
  const head = ['expectation', 'expected', 'baseline', 'observed', ''];
  const rows = expectations.map(({ name, expected, baseline, observed, ok }) => {
    return [name, expected, String(baseline ?? '-'), String(observed ?? '-'), ok ? 'ok' : 'FAILED'];
  });
  return formatTable(head, rows);
}

/** One line: what was decided, and by which expectations when it failed. */
function formatVerdict({ experiment, verdict, expectations }: Result): string {
  if (verdict === 'pass') return `PASS ${experiment}: all ${expectations.length} expectations hold`;
  const failed = expectations.filter(({ ok }) => !ok);
  const reasons = failed.map(({ name, expected, baseline, observed }) => {
    return `${name} (expected ${expected}; baseline ${baseline}, observed ${observed})`;
  });
  return `FAIL ${experiment}: ${reasons.join('; ')}`;
}
