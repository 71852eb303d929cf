import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { commonProblem } from './problems.ts';

/** Enforces rules of HTTP and JSON that Node and Fastify ignore, or enforce without a response body. */
export const strictHttp = fp(async (app: FastifyInstance) => {
  app.addHook('preParsing', async ({ headers, raw }) => {
    if (headers.host === undefined && raw.httpVersion === '1.1') {
      throw commonProblem('invalid-request', { detail: 'the Host header is missing' }); // RFC 9112, section 3.2
    }
  });
  // Expectations other than `100-continue` may be ignored (RFC 9110, section 10.1.1).
  app.server.on('checkExpectation', (...request) => app.server.emit('request', ...request));

  app.removeContentTypeParser('text/plain'); // no route takes it, so it is 415
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    // RFC 8259, section 8.1. Decoding alone would replace invalid bytes by U+FFFD.
    if (isUtf8(body as Buffer)) return parseJson(request, String(body), done);
    done(commonProblem('invalid-request', { detail: 'the body is not UTF-8' }));
  });
});
