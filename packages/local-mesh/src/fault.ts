import Type, { type Static } from 'typebox';
import { Duration, toProtoDuration } from './duration.ts';
import { type Any, typed } from './envoy.ts';
import { closed } from './schema.ts';

const Percent = closed({
  value: Type.Refine(
    Type.Number(),
    (value) => value === 0 || (value >= 0.0001 && value <= 100),
    () => 'must be 0, or from 0.0001 to 100; correct it',
  ),
});

/** https://github.com/istio/istio/blob/eed52ebb66ad/pkg/config/validation/validation.go#L2551 */
export const Fault = closed(
  {
    delay: Type.Optional(closed({ percentage: Type.Optional(Percent), fixedDelay: Duration })),
    abort: Type.Optional(
      closed({
        percentage: Type.Optional(Percent),
        httpStatus: Type.Integer({ minimum: 200, maximum: 599 }),
      }),
    ),
  },
  { minProperties: 1 },
);

/**
 * Translates a fault. Without a percentage it affects no request.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/route/route.go#L1387
 */
export function translateFault({ delay, abort }: Static<typeof Fault>): Any {
  return typed('envoy.extensions.filters.http.fault.v3.HTTPFault', {
    ...(delay && {
      delay: {
        fixed_delay: toProtoDuration(delay.fixedDelay),
        percentage: delay.percentage
          ? perMillion(delay.percentage.value)
          : { numerator: 0, denominator: 'HUNDRED' },
      },
    }),
    ...(abort && {
      abort: {
        http_status: abort.httpStatus,
        ...(abort.percentage && { percentage: perMillion(abort.percentage.value) }),
      },
    }),
  });
}

/** Returns a percentage as Envoy's fraction. */
export function perMillion(percent: number): { numerator: number; denominator: string } {
  return { numerator: Math.trunc(percent * 10_000), denominator: 'MILLION' };
}
