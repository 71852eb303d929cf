// Run by the test in a process of its own, since instrumentation is preloaded: two services, of which
// the first calls the second, which returns its request headers.
import fastify from 'fastify';
import pg from 'pg';
import pino from 'pino';
import { fetch } from 'undici';
import { renderMetrics } from '../src/metrics.ts';

const logger = pino(pino.destination(2));
const back = fastify();
back.get('/back', async ({ headers }) => headers);
const backUrl = await back.listen({ host: '127.0.0.1', port: 0 });

// Nothing listens there: the span of the attempt shows that the driver is instrumented.
const query = (database: string) =>
  new pg.Pool({ host: '127.0.0.1', port: 1, database }).query('SELECT 1').catch(() => {});
await query('between-requests');

const front = fastify({ loggerInstance: logger });
front.get('/front/:id', async (request) => {
  request.log.info('asking');
  await query('of-a-request');
  return (await fetch(`${backUrl}/back`)).json();
});
const frontUrl = await front.listen({ host: '127.0.0.1', port: 0 });

const headers = {
  'user-agent': 'a-secret',
  'end-user': 'jason',
  'x-meshmart-cohort': 'b',
  'x-other': 'stays',
};
const forwarded = await (await fetch(`${frontUrl}/front/1?card=4111111111111111`, { headers })).json();
console.log(JSON.stringify({ forwarded, metrics: await renderMetrics() }));
await front.close();
await back.close();
