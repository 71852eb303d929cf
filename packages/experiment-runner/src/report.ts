import type { Finding } from '@meshmart/consistency-checker/check';
import { formatTable } from '@meshmart/terminal/table';
import type { K6Summary, PlatformName } from './define.ts';
import type { ProofResult } from './proofs.ts';

/** The outcome of one run, as `--json` writes it. */
export interface Result {
  experiment: string;
  platform: PlatformName;
  mesh: 'istio';
  /** RFC 3339, UTC. */
  startedAt: string;
  durationMs: number;
  verdict: 'pass' | 'fail';
  proofs: ProofResult[];
  findings: Finding[];
  k6: { baseline: K6Summary | null; observed: K6Summary | null };
}

/** Every run passes by at least one proof that held and none that did not. */
export function decideVerdict(proofs: ProofResult[]): Result['verdict'] {
  return proofs.length > 0 && proofs.every(({ ok }) => ok) ? 'pass' : 'fail';
}

/** The one line of a run that could not be carried to its end. */
export function describeBreakOff(message: string): ProofResult {
  return {
    name: 'the run comes to its end',
    expected: 'no error',
    baseline: null,
    observed: message,
    ok: false,
  };
}

/** What a person sees at the end: the proofs as a table and the verdict, or why there are none. */
export function formatResult(result: Result): string {
  const [only] = result.proofs;
  if (!result.k6.baseline && only) return `FAIL ${result.experiment}: the run broke off\n${only.observed}`;
  return `${formatProofs(result.proofs)}\n\n${formatVerdict(result)}`;
}

function formatProofs(proofs: ProofResult[]): string {
  const head = ['proof', 'expected', 'baseline', 'observed', ''];
  const rows = proofs.map(({ name, expected, baseline, observed, ok }) => {
    return [name, expected, String(baseline ?? '-'), String(observed ?? '-'), ok ? 'ok' : 'FAILED'];
  });
  return formatTable(head, rows);
}

/** One line: what was decided, and by which proofs when it failed. */
function formatVerdict({ experiment, verdict, proofs }: Result): string {
  if (verdict === 'pass') return `PASS ${experiment}: all ${proofs.length} proofs hold`;
  const failed = proofs.filter(({ ok }) => !ok);
  const reasons = failed.map(({ name, expected, baseline, observed }) => {
    return `${name} (expected ${expected}; baseline ${baseline}, observed ${observed})`;
  });
  return `FAIL ${experiment}: ${reasons.join('; ')}`;
}
