import type { LightMyRequestResponse } from 'fastify';
import { PROBLEM_TYPE_PREFIX } from './problems.ts';

/** Returns the status and the problem of a response to `inject`, such as `[409, 'out-of-stock']`, for tests. */
export function problemOf({ statusCode, json }: LightMyRequestResponse): [number, string | undefined] {
  return [statusCode, json().type?.slice(PROBLEM_TYPE_PREFIX.length)];
}
