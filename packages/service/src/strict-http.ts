import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { commonProblem } from './problems.ts';

/** Rules of HTTP and JSON that Node and Fastify leave to the program, or refuse by an answer without content. */
export const strictHttp = fp(async (app: FastifyInstance) => {
  app.addHook('preParsing', async ({ headers, raw }) => {
    if (headers.host === undefined && raw.httpVersion === '1.1') {
      throw commonProblem('invalid-request', { detail: 'the Host header is missing' }); // RFC 9112, section 3.2
    }
  });
  // What is expected beyond `100-continue` may be ignored (RFC 9110, section 10.1.1).
  app.server.on('checkExpectation', (...request) => app.server.emit('request', ...request));

  app.removeContentTypeParser('text/plain'); // no route takes it, so it is 415
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    // RFC 8259, section 8.1; decoding it would quietly make U+FFFD of what is wrong.
    if (isUtf8(body as Buffer)) return parseJson(request, String(body), done);
    done(commonProblem('invalid-request', { detail: 'the body is not UTF-8' }));
  });
});
