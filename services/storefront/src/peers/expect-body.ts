import { expectOk } from '@meshmart/service/peers';
import { commonProblem } from '@meshmart/service/problems';
import { problem } from '../problems.ts';

/** Problems that are shown to the visitor. All others are treated as an outage. */
const PASSED_ON: Record<number, Parameters<typeof commonProblem>[0]> = {
  400: 'invalid-request',
  401: 'unauthenticated',
  404: 'not-found',
};

/** Returns the body of a peer's response. @throws the problem of its status, or `unavailable` */
export function expectBody<T>(result: { data?: T; error?: unknown; response: Response }): T {
  const { status, headers } = result.response;
  const name = PASSED_ON[status];
  if (name) throw commonProblem(name);
  if (status === 429)
    throw problem('too-many-requests', { retryAfterS: Number(headers.get('retry-after')) || 1 });
  return expectOk(result);
}
