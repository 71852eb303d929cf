// Vitest setup file: fails a test if a route responds with a status, problem or header that its OpenAPI document lacks.
import { subscribe } from 'node:diagnostics_channel';
import type { FastifyInstance } from 'fastify';
import { afterEach, expect } from 'vitest';
import { PROBLEM_TYPE_PREFIX } from './problems.ts';

const HEADERS = ['etag', 'location', 'retry-after', 'idempotency-replayed'] as const;
/** Each as `GET /orders: retry-after`. */
const undocumented = new Set<string>();

subscribe('fastify.initialization', (message) => {
  const { fastify: app } = message as { fastify: FastifyInstance };
  app.addHook('onSend', async ({ method, routeOptions: { url, config, schema } }, reply, payload) => {
    if (!schema || !config.problems) return; // not in a document
    const report = (found: string) => undocumented.add(`${method} ${url}: ${found}`);
    const status = reply.statusCode;
    if (status < 400) {
      if (!(status in (schema.response as object))) report(String(status));
      for (const name of HEADERS)
        if (reply.hasHeader(name) && !config.responseHeaders?.includes(name)) report(name);
      return;
    }
    const name = JSON.parse(String(payload)).type.slice(PROBLEM_TYPE_PREFIX.length);
    if (!config.problems.includes(name)) report(name);
  });
});

afterEach(() => {
  const found = [...undocumented];
  undocumented.clear();
  expect(found, 'responses that the OpenAPI document lacks').toEqual([]);
});
