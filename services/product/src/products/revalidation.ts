import { createHash } from 'node:crypto';
import type { App } from '@meshmart/service/app';
import { Type } from 'typebox';

/** For the routes that `revalidateReads` is about. */
export const RevalidationHeaders = Type.Object({
  'if-none-match': Type.Optional(
    Type.String({
      maxLength: 8000,
      description:
        'ETags of responses that the client keeps. If the response would be one of them, it is 304.',
    }),
  ),
});
export const NotModified = Type.Null();

/**
 * Lets anybody keep the responses of a plugin's routes, if they ask each time whether these are still right: stock and prices change
 * at any moment. The ETag is a hash of the body, so that it differs where stock or the service's version makes the body differ. It is
 * weak, since a proxy may compress the body.
 */
export function revalidateReads(app: App): void {
  app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-cache'));
  app.addHook('onSend', async ({ method, headers }, reply, body) => {
    if (reply.statusCode !== 200) return body;
    const tag = `"${createHash('sha256').update(String(body)).digest('base64url').slice(0, 22)}"`;
    reply.header('etag', `W/${tag}`);
    if (!isNamed(tag, headers['if-none-match'])) return body;
    reply.code(304).removeHeader('content-type');
    return method === 'HEAD' ? body : null; // Fastify counts a HEAD's bytes and sends none
  });
}

/** Returns whether a tag is in If-None-Match, which compares weakly: W/ makes no difference (RFC 9110, section 13.1.2). */
function isNamed(tag: string, ifNoneMatch = ''): boolean {
  const known: string[] = ifNoneMatch.match(/"[^"]*"/g) ?? [];
  return ifNoneMatch.trim() === '*' || known.includes(tag);
}
