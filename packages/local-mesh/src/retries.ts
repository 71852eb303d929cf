import Type, { type Static } from 'typebox';
import { DEFAULT_RETRY_POLICY } from './defaults.ts';
import { Duration, toProtoDuration } from './duration.ts';
import type { EnvoyMessage } from './envoy.ts';
import { closed } from './schema.ts';

export const Retries = closed({
  attempts: Type.Optional(Type.Integer({ minimum: 0 })),
  perTryTimeout: Type.Optional(Duration),
  retryOn: Type.Optional(Type.String()),
});

/** `attempts: 0` is the way to switch retries off. Source: pilot/pkg/networking/core/route/retry/retry.go, ConvertPolicy. */
export function translateRetries(retries: Static<typeof Retries> | undefined): EnvoyMessage | undefined {
  if (!retries) return DEFAULT_RETRY_POLICY;
  if (!retries.attempts) return undefined;
  const conditions = (retries.retryOn ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
  const statusCodes = conditions.filter((part) => /^[1-5]\d\d$/.test(part));
  const named = conditions.filter((part) => !statusCodes.includes(part));
  if (statusCodes.length > 0 && !named.includes('retriable-status-codes'))
    named.push('retriable-status-codes');
  return {
    ...DEFAULT_RETRY_POLICY,
    num_retries: retries.attempts,
    ...(named.length > 0 && { retry_on: named.join(',') }),
    ...(statusCodes.length > 0 && { retriable_status_codes: statusCodes.map(Number) }),
    ...(retries.perTryTimeout && { per_try_timeout: toProtoDuration(retries.perTryTimeout) }),
  };
}
