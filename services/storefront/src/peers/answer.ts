import { commonProblem, type Problem } from '@meshmart/service/problems';

interface Answer<T> {
  data?: T | undefined;
  error?: unknown;
  response: Response;
}

/** A peer's answer that the visitor can be told about or that a page branches on; every other one is an outage. */
const PASSED_ON = {
  400: 'invalid-request',
  401: 'unauthenticated',
  404: 'not-found',
} as const;

/** The data of a peer's answer, or the problem that its status stands for, thrown. */
export function expectData<T>({ data, error, response }: Answer<T>): T {
  if (response.ok && data !== undefined) return data;
  throw translateAnswer(response, error);
}

function translateAnswer(response: Response, error: unknown): Problem {
  const known = PASSED_ON[response.status as keyof typeof PASSED_ON];
  if (known) return commonProblem(known);
  return commonProblem('unavailable', {
    cause: new Error(`${response.url}: ${response.status}`, { cause: error }),
  });
}
