import { expectOk } from '@meshmart/service/peers';
import { commonProblem } from '@meshmart/service/problems';
import { problem } from '../problems.ts';

/** What a visitor can be told about; every other problem of a peer is an outage to them. */
const PASSED_ON: Record<number, Parameters<typeof commonProblem>[0]> = {
  400: 'invalid-request',
  401: 'unauthenticated',
  404: 'not-found',
};

/** The body of a peer's answer, or the problem that its status stands for, thrown. */
export function expectBody<T>(result: { data?: T; error?: unknown; response: Response }): T {
  const { status, headers } = result.response;
  const name = PASSED_ON[status];
  if (name) throw commonProblem(name);
  if (status === 429)
    throw problem('too-many-requests', { retryAfterS: Number(headers.get('retry-after')) || 1 });
  return expectOk(result);
}
