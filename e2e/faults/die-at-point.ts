// Preloaded into a service's process (`--import`), never part of a service: kills or freezes it at a point of the work for one
// request, which is named in that request's header, and tells on standard error which points the work has come by.
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { writeSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import pg from 'pg';
import { crashHeader, type PointReport, type PointWish, reportPrefix } from './points.ts';

const service = process.env.INSTANCE_ID;
/** The request that is being worked on, also across the calls to peers: they carry the header on. */
const asked = new AsyncLocalStorage<PointWish | undefined>();
const reached = new Map<string, number>();

process.stdin.resume().once('end', () => process.exit()); // the test is gone

subscribe('http.server.request.start', (message) => {
  const header = (message as { request: IncomingMessage }).request.headers[crashHeader];
  asked.enterWith(typeof header === 'string' ? JSON.parse(header) : undefined);
});

/** Comes to the next point. @returns what to call when what was done there is over */
function comeTo(what: string): (() => void) | undefined {
  const wish = asked.getStore();
  if (!wish) return undefined;
  const point = (reached.get(wish.flow) ?? 0) + 1;
  reached.set(wish.flow, point);
  const tell = (when: PointReport['when']) => {
    writeSync(2, `${reportPrefix}${JSON.stringify({ flow: wish.flow, point, when, what })}\n`);
    if (wish.service === service && wish.point === point && wish.when === when) {
      process.kill(process.pid, wish.freezes ? 'SIGSTOP' : 'SIGKILL');
    }
  };
  tell('before');
  return () => tell('after');
}

/** The first table that a statement writes to, be it in a CTE. */
const writing = /^\s*(?:WITH\b.*?\b)?(INSERT INTO|(?<!\bFOR )UPDATE|DELETE FROM)\s+(?:"\w+"\.)?"?(\w+)/is;

type Query = (...args: unknown[]) => Promise<unknown>;

/** Prisma's adapter asks a client within a transaction and the pool outside of one, and waits for a promise of both. */
function watch(prototype: object, describe: (sql: string) => string | undefined): void {
  const { query } = prototype as { query: Query };
  const watched: Query = async function (this: unknown, ...args) {
    const [first] = args as [string | { text: string }];
    const what =
      typeof args.at(-1) === 'function'
        ? undefined
        : describe(typeof first === 'string' ? first : first.text);
    const leave = what && comeTo(what);
    const result = query.apply(this, args);
    if (!leave) return result;
    const answer = await result;
    leave();
    return answer;
  };
  Object.assign(prototype, { query: watched });
}
watch(pg.Client.prototype, (sql) => (sql === 'COMMIT' ? sql : undefined));
watch(pg.Pool.prototype, (sql) => {
  const [, verb, table] = writing.exec(sql) ?? [];
  return verb && `${verb} ${table}`;
});

interface PeerRequest {
  method: string;
  path: string;
  addHeader(name: string, value: string): void;
}
const leaving = new WeakMap<PeerRequest, () => void>();

subscribe('undici:request:create', (message) => {
  const { request } = message as { request: PeerRequest };
  // The keys of the user service are fetched once in a process, so they are in the way of one request only.
  if (request.path.startsWith('/.well-known/')) return;
  const leave = comeTo(`${request.method} ${request.path.replace(/[0-9a-f-]{36}/g, ':id')}`);
  if (!leave) return;
  request.addHeader(crashHeader, JSON.stringify(asked.getStore()));
  leaving.set(request, leave);
});
subscribe('undici:request:trailers', (message) =>
  leaving.get((message as { request: PeerRequest }).request)?.(),
);
