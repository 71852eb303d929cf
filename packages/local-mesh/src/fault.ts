import Type, { type Static } from 'typebox';
import { Duration, toProtoDuration } from './duration.ts';
import { type EnvoyMessage, typed } from './envoy.ts';
import { closed } from './schema.ts';

const Percent = closed({
  value: Type.Refine(
    Type.Number(),
    (value) => value === 0 || (value >= 0.0001 && value <= 100),
    () => 'must be 0, or from 0.0001 to 100; correct it',
  ),
});

/** Source: istio/istio pkg/config/validation, validateHTTPFaultInjection. */
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

/** Without a percentage a delay or abort strikes nobody. Source: route.go, TranslateFault. */
export function translateFault({ delay, abort }: Static<typeof Fault>): EnvoyMessage {
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

function perMillion(percent: number): EnvoyMessage {
  return { numerator: Math.trunc(percent * 10_000), denominator: 'MILLION' };
}
