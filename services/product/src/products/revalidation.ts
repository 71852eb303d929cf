import { createHash } from 'node:crypto';
import type { App } from '@meshmart/service/app';
import { Type } from 'typebox';

/** The headers of routes with `revalidateReads`. */
export const RevalidationHeaders = Type.Object({
  'if-none-match': Type.Optional(
    Type.String({
      maxLength: 8000,
      description: 'ETags of cached responses. If the response would match one of them, it is 304.',
    }),
  ),
});
export const NotModified = Type.Null();

/**
 * Allows caches to keep the responses of a plugin's routes, and requires revalidation for each use, since stock and
 * prices change at any time. The ETag is a hash of the body; it is weak, because a proxy may compress the body.
 */
export function revalidateReads(app: App): void {
  app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-cache'));
  app.addHook('onSend', async ({ method, headers }, reply, body) => {
    if (reply.statusCode !== 200) return body;
    const tag = `"${createHash('sha256').update(String(body)).digest('base64url').slice(0, 22)}"`;
    reply.header('etag', `W/${tag}`);
    if (!isNamed(tag, headers['if-none-match'])) return body;
    reply.code(304).removeHeader('content-type');
    return method === 'HEAD' ? body : null; // for HEAD, Fastify sends only the length
  });
}

/** Returns whether If-None-Match contains a tag, with weak comparison (RFC 9110, section 13.1.2). */
function isNamed(tag: string, ifNoneMatch = ''): boolean {
  const known: string[] = ifNoneMatch.match(/"[^"]*"/g) ?? [];
  return ifNoneMatch.trim() === '*' || known.includes(tag);
}
