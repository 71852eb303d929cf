// Preloaded into a service's process (`--import`), never part of a service. Kills or freezes the process at the point
// of its work that a request's header names, and writes the points that the work has passed to standard error.
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { writeSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import pg from 'pg';
import { crashHeader, type PointReport, type PointRequest, reportPrefix } from './points.ts';

const service = process.env.INSTANCE_ID;
/** The current request. Calls to peers forward its header. */
const asked = new AsyncLocalStorage<PointRequest | undefined>();
const reached = new Map<string, number>();

process.stdin.resume().once('end', () => process.exit()); // the test has ended

subscribe('http.server.request.start', (message) => {
  const header = (message as { request: IncomingMessage }).request.headers[crashHeader];
  asked.enterWith(typeof header === 'string' ? JSON.parse(header) : undefined);
});

/** Passes the next point. @returns a function to call after the work at this point */
function comeTo(what: string): (() => void) | undefined {
  const wanted = asked.getStore();
  if (!wanted) return undefined;
  const point = (reached.get(wanted.flow) ?? 0) + 1;
  reached.set(wanted.flow, point);
  const tell = (when: PointReport['when']) => {
    writeSync(2, `${reportPrefix}${JSON.stringify({ flow: wanted.flow, point, when, what })}\n`);
    if (wanted.service === service && wanted.point === point && wanted.when === when) {
      process.kill(process.pid, wanted.freezes ? 'SIGSTOP' : 'SIGKILL');
    }
  };
  tell('before');
  return () => tell('after');
}

/** Matches the first table that a statement writes to, also within a CTE. */
const writing = /^\s*(?:WITH\b.*?\b)?(INSERT INTO|(?<!\bFOR )UPDATE|DELETE FROM)\s+(?:"\w+"\.)?"?(\w+)/is;

type Query = (...args: unknown[]) => Promise<unknown>;

/** Wraps `query` of clients and pools: Prisma's adapter uses a client within a transaction, and otherwise the pool. */
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
  // A process fetches the keys of the user service once, so that only one request would have this point.
  if (request.path.startsWith('/.well-known/')) return;
  const leave = comeTo(`${request.method} ${request.path.replace(/[0-9a-f-]{36}/g, ':id')}`);
  if (!leave) return;
  request.addHeader(crashHeader, JSON.stringify(asked.getStore()));
  leaving.set(request, leave);
});
subscribe('undici:request:trailers', (message) =>
  leaving.get((message as { request: PeerRequest }).request)?.(),
);
