import { renderMetrics } from '@meshmart/telemetry/metrics';
import { metrics } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

/**
 * Adds `/metrics`, and counts requests by the caller's SPIFFE ID: the call graph as the callee sees it. The ID is the
 * last one in `X-Forwarded-Client-Cert`, which the sidecar appends after verification. Without an ID, the caller is
 * outside the mesh.
 */
export const metricsPage = fp(async (app: FastifyInstance) => {
  const requestsByPeer = metrics.getMeter('meshmart').createCounter('meshmart_requests_by_peer', {
    description: 'Requests by the SPIFFE ID of the caller.',
  });
  app.addHook('onResponse', async (request) => {
    if (request.routeOptions.schema?.hide !== true) {
      requestsByPeer.add(1, { peer: readPeer(request.headers['x-forwarded-client-cert']) });
    }
  });
  const config = { access: 'operator' as const };
  app.get('/metrics', { config, schema: { hide: true } }, async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await renderMetrics()),
  );
});

function readPeer(header: string | string[] | undefined): string {
  const ids = [...String(header ?? '').matchAll(/URI=(spiffe:\/\/[\w./-]{1,200})/g)];
  return ids.at(-1)?.[1] ?? 'none';
}
