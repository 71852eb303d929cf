import Type from 'typebox';

/** A Go duration such as `1.5s`, `250ms` or `1m30s`, as Istio's fields take it. */
export const Duration = Type.String({
  pattern: '^(\\d+(\\.\\d+)?(h|m|s|ms))+$',
  errorMessage: 'must be a duration such as 1.5s or 250ms; correct it',
});

/** A duration of at least a millisecond, and of whole ones. Source: istio/istio pkg/config/validation/agent, ValidateDuration. */
export const PositiveDuration = Type.String({
  pattern: '^(?=.*[1-9])(\\d+(\\.\\d{1,3})?(h|m|s)|\\d+ms)+$',
  errorMessage: 'must be a duration of at least 1ms, such as 1.5s or 250ms; correct it',
});

const MS_PER_UNIT: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** Turns a Go duration into protobuf's JSON form, which knows seconds only: `250ms` to `0.250s`. */
export function toProtoDuration(duration: string): string {
  let totalMs = 0;
  for (const [, amount, unit] of duration.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)) {
    totalMs += Number(amount) * (MS_PER_UNIT[unit ?? ''] ?? Number.NaN);
  }
  return Number.isInteger(totalMs / 1000) ? `${totalMs / 1000}s` : `${(totalMs / 1000).toFixed(3)}s`;
}
