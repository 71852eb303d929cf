import { STATUS_CODES } from 'node:http';
import Type, { type Static } from 'typebox';
import { DEFAULT_RETRY_POLICY } from './defaults.ts';
import { Duration, toProtoDuration } from './duration.ts';
import type { EnvoyMessage } from './envoy.ts';
import { closed } from './schema.ts';

/** Source: istio/istio pkg/config/validation, supportedRetryOnPolicies. */
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
    `"${findUnknown(text)}" is no condition for a retry; use one of ${[...CONDITIONS].join(', ')}, or a status code`,
);

/** Blanks are not taken off, and of the codes only those count that Go has a text for: all that Node has, but 509. */
function findUnknown(retryOn: string): string | undefined {
  if (retryOn === '') return undefined;
  const isKnown = (condition: string) =>
    CONDITIONS.has(condition) || (condition !== '509' && Object.hasOwn(STATUS_CODES, condition));
  return retryOn.split(',').find((condition) => !isKnown(condition));
}

/** Source: istio/istio pkg/config/validation, validateHTTPRetry. */
export const Retries = Type.Refine(
  closed({
    attempts: Type.Optional(Type.Integer({ minimum: 0 })),
    perTryTimeout: Type.Optional(Duration),
    retryOn: Type.Optional(RetryOn),
  }),
  ({ attempts, perTryTimeout, retryOn }) => Boolean(attempts) || (perTryTimeout === undefined && !retryOn),
  () => 'without attempts nothing is retried, whatever else stands here; give attempts, or remove the rest',
);

/** `attempts: 0` is the way to switch retries off. Source: pilot/pkg/networking/core/route/retry/retry.go, ConvertPolicy. */
export function translateRetries(retries: Static<typeof Retries> | undefined): EnvoyMessage | undefined {
  if (!retries) return DEFAULT_RETRY_POLICY;
  if (!retries.attempts) return undefined;
  const conditions = (retries.retryOn ?? '').split(',').filter(Boolean);
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
