import Type from 'typebox';
import type { ProtoDuration } from './envoy.ts';

const NS_PER_MS = 1e6;
const NS_PER_UNIT: Record<string, number> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: NS_PER_MS,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};
const GO_DURATION = /^\+?((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/;
/** Go counts nanoseconds in a signed 64-bit integer. */
const MAX_NS = 2 ** 63;
const MESSAGE = 'must be a duration of at least 1ms, such as 1.5s or 250ms; correct it';

/**
 * A Go duration in whole milliseconds, at least one: `1.5s`, `250ms` or `1m30s`.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pkg/config/validation/agent/validation.go#L139
 */
export const Duration = Type.Refine(
  Type.String({ errorMessage: MESSAGE }),
  (text) => {
    const ns = GO_DURATION.test(text) ? countNs(text) : 0;
    return ns >= NS_PER_MS && ns < MAX_NS && ns % NS_PER_MS === 0;
  },
  () => MESSAGE,
);

/** Converts a Go duration to protobuf's JSON form, which is in seconds: `250ms` becomes `0.250s`. */
export function toProtoDuration(duration: string): ProtoDuration {
  const seconds = countNs(duration) / NS_PER_MS / 1000;
  return Number.isInteger(seconds) ? `${seconds}s` : (`${seconds.toFixed(3)}s` as ProtoDuration);
}

function countNs(duration: string): number {
  const parts = duration.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g);
  return [...parts].reduce(
    (sum, [, amount, unit = '']) => sum + Math.round(Number(amount) * (NS_PER_UNIT[unit] ?? 0)),
    0,
  );
}
