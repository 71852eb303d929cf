import { Problem } from '@meshmart/service/problems';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { sendLogin } from './account/routes.ts';
import { explainStatus, renderError } from './html/error-page.ts';
import { sendPage } from './html/send-page.ts';
import { endSession } from './session/session.ts';

/** Responds to an error with a page: the shop's error handler. The cause is only logged. */
export function respondWithPage(error: FastifyError | Problem, request: FastifyRequest, reply: FastifyReply) {
  const status = readStatus(error);
  if (status >= 500) request.log.error({ err: error }, error.message);
  reply.code(status).header('cache-control', 'no-store'); // the page shows the visitor's basket
  if (error instanceof Problem && error.retryAfterS !== undefined)
    reply.header('retry-after', error.retryAfterS);
  if (status !== 401) {
    return sendPage(request, reply, { title: explainStatus(status).title, main: renderError(status) });
  }
  endSession(request, reply);
  const notice = {
    tone: 'warn',
    title: 'Your session has ended',
    text: 'Log in again to continue.',
  } as const;
  return sendLogin(request, reply, { next: findWayBack(request), notice });
}

function readStatus(error: FastifyError | Problem): number {
  if (error instanceof Problem) return error.status;
  // A malformed id is treated like an unknown one.
  if (error.validationContext === 'params') return 404;
  return error.statusCode && error.statusCode < 500 ? error.statusCode : 500;
}

/** Returns the path to go to after the login: the requested page, or the page of the form that was sent. */
function findWayBack(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]?.replace(/\/cancel$|(?<=^\/shop\/account)\/.*/, '') ?? '/shop/';
}
