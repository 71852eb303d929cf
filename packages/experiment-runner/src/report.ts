import type { Finding } from '@meshmart/consistency-checker/check';
import { formatTable } from '@meshmart/terminal/table';
import type { ExpectationResult } from './expectations.ts';
import type { K6Summary, MeshName, TargetName } from './experiment.ts';

/** The result of one run, as `--json` writes it. */
export interface Result {
  experiment: string;
  /** Name of the experiment's variant; empty for the experiment itself. */
  variant: string;
  target: TargetName;
  mesh: MeshName;
  /** RFC 3339, UTC. */
  startedAt: string;
  durationMs: number;
  verdict: 'pass' | 'fail';
  expectations: ExpectationResult[];
  findings: Finding[];
  k6: { baseline: K6Summary | null; observed: K6Summary | null };
}

/** Returns `pass` when there are expectations and all hold. */
export function decideVerdict(expectations: ExpectationResult[]): Result['verdict'] {
  return expectations.length > 0 && expectations.every(({ ok }) => ok) ? 'pass' : 'fail';
}

/** Returns the only line in the result of a run that did not complete. */
export function describeBreakOff(message: string): ExpectationResult {
  return { name: 'the run completes', expected: 'no error', baseline: null, observed: message, ok: false };
}

/** Formats the expectations as a table, followed by the verdict, or the error that ended the run. */
export function formatResult(result: Result): string {
  const [only] = result.expectations;
  if (!result.k6.baseline && only) return `FAIL ${nameOf(result)}: the run broke off\n${only.observed}`;
  return `${formatExpectations(result.expectations)}\n\n${formatVerdict(result)}`;
}

/** Returns the name of the experiment, with its variant after a slash. */
export function nameOf({ experiment, variant }: Pick<Result, 'experiment' | 'variant'>): string {
  return variant ? `${experiment}/${variant}` : experiment;
}

function formatExpectations(expectations: ExpectationResult[]): string {
  const head = ['expectation', 'expected', 'baseline', 'observed', ''];
  const rows = expectations.map(({ name, expected, baseline, observed, ok }) => {
    return [name, expected, String(baseline ?? '-'), String(observed ?? '-'), ok ? 'ok' : 'FAILED'];
  });
  return formatTable(head, rows);
}

/** Returns one line with the verdict; on a failure it names the expectations that failed, and their reasons follow. */
function formatVerdict(result: Result): string {
  const { verdict, expectations } = result;
  if (verdict === 'pass') return `PASS ${nameOf(result)}: all ${expectations.length} expectations hold`;
  const failed = expectations.filter(({ ok }) => !ok);
  const numbers = failed.map(({ name, expected, baseline, observed }) => {
    return `${name} (expected ${expected}; baseline ${baseline}, observed ${observed})`;
  });
  const reasons = failed.flatMap(({ name, reason }) => (reason ? [`  ${name}: ${reason}`] : []));
  return [`FAIL ${nameOf(result)}: ${numbers.join('; ')}`, ...reasons].join('\n');
}
