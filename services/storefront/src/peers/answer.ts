import { expectOk } from '@meshmart/service/peers';
import { commonProblem } from '@meshmart/service/problems';

/** What a visitor can be told about; every other problem of a peer is an outage to them. */
const PASSED_ON: Record<number, Parameters<typeof commonProblem>[0]> = {
  400: 'invalid-request',
  401: 'unauthenticated',
  404: 'not-found',
};

/** The body of a peer's answer, or the problem that its status stands for, thrown. */
export function expectAnswer<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  const problem = PASSED_ON[answer.response.status];
  if (problem) throw commonProblem(problem);
  return expectOk(answer);
}
