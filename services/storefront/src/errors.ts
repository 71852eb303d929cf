import { Problem } from '@meshmart/service/problems';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { sendLogin } from './account/routes.ts';
import { explainStatus, renderError } from './html/error-page.ts';
import { sendPage } from './html/send-page.ts';
import { endSession } from './session/session.ts';

/** Answers with a page what the other services answer with problem+json: the status tells, the cause is only logged. */
export function respondWithPage(error: FastifyError | Problem, request: FastifyRequest, reply: FastifyReply) {
  const status = readStatus(error);
  if (status >= 500) request.log.error({ err: error }, error.message);
  reply.code(status).header('cache-control', 'no-store'); // this page, too, shows whose basket it is
  if (error instanceof Problem && error.retryAfterS !== undefined)
    reply.header('retry-after', error.retryAfterS);
  if (status !== 401) {
    return sendPage(request, reply, { title: explainStatus(status).title, main: renderError(status) });
  }
  endSession(request, reply);
  const notice = { tone: 'warn', title: 'Your session has ended', text: 'Log in again to go on.' } as const;
  return sendLogin(request, reply, { next: findWayBack(request), notice });
}

function readStatus(error: FastifyError | Problem): number {
  if (error instanceof Problem) return error.status;
  // An address with a malformed id leads nowhere, as one with an unknown id does.
  if (error.validationContext === 'params') return 404;
  return error.statusCode && error.statusCode < 500 ? error.statusCode : 500;
}

/** After logging in: the page that was asked for; of a form, the page that it stood on. */
function findWayBack(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]?.replace(/\/cancel$|(?<=^\/shop\/account)\/.*/, '') ?? '/shop/';
}
