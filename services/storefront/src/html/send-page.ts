import type { FastifyReply, FastifyRequest } from 'fastify';
import { countUnits, readBasket } from '../basket/basket.ts';
import { readSession } from '../session/session.ts';
import { type Page, renderPage } from './page.ts';

/** Sends a page for this visitor. The status is 200 unless it was set before. */
export function sendPage(request: FastifyRequest, reply: FastifyReply, page: Page): FastifyReply {
  const visitor = {
    isLoggedIn: readSession(request) !== undefined,
    basketCount: countUnits(readBasket(request)),
  };
  return reply.type('text/html; charset=utf-8').send(renderPage(page, visitor));
}
