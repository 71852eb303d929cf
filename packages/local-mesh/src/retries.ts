import { STATUS_CODES } from 'node:http';
import Type, { type Static } from 'typebox';
import { DEFAULT_RETRY_POLICY } from './defaults.ts';
import { Duration, toProtoDuration } from './duration.ts';
import type { RetryPolicy } from './envoy.ts';
import { closed } from './schema.ts';

/** https://github.com/istio/istio/blob/eed52ebb66ad/pkg/config/validation/validation.go#L92 */
const CONDITIONS = new Set([
  '5xx',
  'gateway-error',
  'reset',
  'reset-before-request',
  'connect-failure',
  'retriable-4xx',
  'refused-stream',
  'retriable-status-codes',
  'retriable-headers',
  'envoy-ratelimited',
  'http3-post-connect-failure',
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
]);

const RetryOn = Type.Refine(
  Type.String(),
  (text) => findUnknown(text) === undefined,
  (text) =>
    `"${findUnknown(text)}" is no retry condition; use one of ${[...CONDITIONS].join(', ')}, or a status code`,
);

/**
 * Returns the first part that is no condition. Blanks are not trimmed. A status code counts when Go has a text for it:
 * Node has the same ones, and 509 besides.
 */
function findUnknown(retryOn: string): string | undefined {
  if (retryOn === '') return undefined;
  const isKnown = (condition: string) =>
    CONDITIONS.has(condition) || (condition !== '509' && Object.hasOwn(STATUS_CODES, condition));
  return retryOn.split(',').find((condition) => !isKnown(condition));
}

/** https://github.com/istio/istio/blob/eed52ebb66ad/pkg/config/validation/validation.go#L2664 */
export const Retries = Type.Refine(
  closed({
    attempts: Type.Optional(Type.Integer({ minimum: 0 })),
    perTryTimeout: Type.Optional(Duration),
    retryOn: Type.Optional(RetryOn),
  }),
  ({ attempts, perTryTimeout, retryOn }) => Boolean(attempts) || (perTryTimeout === undefined && !retryOn),
  () => 'without attempts nothing is retried; add attempts, or remove the other fields',
);

/**
 * Returns the retry policy of a route: Istio's default without a rule, and undefined for `attempts: 0`, which switches
 * retries off.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/route/retry/retry.go#L96
 *
 * @param isHashed lets a retry go to the same host, which is the one that the hash chooses
 */
export function translateRetries(
  retries: Static<typeof Retries> | undefined,
  isHashed: boolean,
): RetryPolicy | undefined {
  const { retry_host_predicate, ...sameHost } = DEFAULT_RETRY_POLICY;
  const base = isHashed ? sameHost : DEFAULT_RETRY_POLICY;
  if (!retries) return base;
  if (!retries.attempts) return undefined;
  const conditions = (retries.retryOn ?? '').split(',').filter(Boolean);
  const statusCodes = conditions.filter((part) => /^[1-5]\d\d$/.test(part));
  const named = conditions.filter((part) => !statusCodes.includes(part));
  if (statusCodes.length > 0 && !named.includes('retriable-status-codes'))
    named.push('retriable-status-codes');
  return {
    ...base,
    num_retries: retries.attempts,
    retry_on: named.join(',') || base.retry_on,
    retriable_status_codes: statusCodes.length > 0 ? statusCodes.map(Number) : undefined,
    per_try_timeout: retries.perTryTimeout ? toProtoDuration(retries.perTryTimeout) : undefined,
  };
}
