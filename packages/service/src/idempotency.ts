import { createHash } from 'node:crypto';
import { Type } from 'typebox';
import { newId } from './ids.ts';
import { defineProblems, type ProblemKind } from './problems.ts';

export const KEYS_KEPT_FOR_H = 24;

/** The problems of a route that takes the Idempotency-Key header. */
export const idempotencyProblems = {
  'idempotency-key-missing': { status: 400, title: 'The Idempotency-Key header is missing or not valid' },
  'idempotency-key-in-use': {
    status: 409,
    title: 'A request with this Idempotency-Key is still being processed',
  },
  'idempotency-key-reused': { status: 422, title: 'This Idempotency-Key was used with another request' },
} satisfies Record<string, ProblemKind>;

/** The names of these problems. */
export const keyProblems = Object.keys(idempotencyProblems);

const problem = defineProblems(idempotencyProblems);

/**
 * The Idempotency-Key header of draft-ietf-httpapi-idempotency-key-header-07: 400 without a key, 409 while the first
 * request runs, 422 for the key with another body, otherwise the first response again.
 *
 * Keys are in the table `idempotency_keys` of the service's database. A key is claimed in the transaction that stores
 * the new resource, and is unique in its scope: the user and the route. `expire-idempotency-keys.ts` deletes old keys.
 */
export const IdempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      maxLength: 1000, // keys over 255 characters get a problem of their own
      description: `A unique string of 1 to 255 characters, quoted or bare. Without it the response is 400. It is kept for ${KEYS_KEPT_FOR_H} h, and longer while its work is unfinished.`,
    }),
  ),
});

/** After so long without a response, the first request's replica is considered dead, and a retry takes over. */
const TAKE_OVER_AFTER_S = 10;

/** A Prisma client or transaction, used for parameterised SQL only. */
export interface RawDatabase {
  $queryRaw<T = unknown>(query: TemplateStringsArray, ...values: unknown[]): PromiseLike<T>;
}

export interface KeyedRequest {
  scope: string;
  /** The hash of the client's key. */
  key: string;
  /** The hash of the body as canonical JSON, with sorted members. */
  fingerprint: string;
  /** The hash of the body as sent, as older releases stored it. */
  fingerprintAsSent?: string;
}

export type Claim =
  /** The work is ours: it is new, or its first worker died. The resource's id is the same both times. */
  | { state: 'claimed'; resourceId: string; isNew: boolean; hasBegun: boolean }
  | { state: 'done'; status: number; body: unknown };

interface KnownKey {
  isSameRequest: boolean;
  status: number | null;
  body: unknown;
  /** Seconds until a retry may take over the work. */
  retryAfterS: number;
}

/** Hashes the key and the body. @throws `idempotency-key-missing` unless the key has 1 to 255 printable characters */
export function readIdempotencyKey(request: {
  headers: { 'idempotency-key'?: string | undefined };
  body: unknown;
}): Omit<KeyedRequest, 'scope'> {
  const [, quoted, bare] =
    /^(?:"([\x20\x21\x23-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255}))$/.exec(
      request.headers['idempotency-key'] ?? '',
    ) ?? [];
  const key = quoted ?? bare;
  if (key === undefined) throw problem('idempotency-key-missing');
  return {
    key: hash(key),
    fingerprint: hash(JSON.stringify(request.body, sortMembers)),
    fingerprintAsSent: hash(JSON.stringify(request.body)),
  };
}

/** Sorts an object's members as RFC 8785 does: a replacer for `JSON.stringify`. */
function sortMembers(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Returns the SHA-256 that is stored instead of a key: a client may have used a secret as its key. */
export function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Claims a key and stores the new resource in the same statement, or returns the stored response of the key.
 *
 * @param begun `Prisma.sql` CTEs that store the resource, such as `begun AS (INSERT … SELECT … FROM new_key RETURNING
 *   id)`: `begun` has a row if it was stored. `new_key` has a row if the key is new; `taken_over` has the `resource_id`
 *   of a key whose first worker died
 * @throws `idempotency-key-reused` for another body; `idempotency-key-in-use` while the first request runs, with the
 *   seconds until a retry may take over
 */
export async function claimKey(
  database: RawDatabase,
  { scope, key, fingerprint, fingerprintAsSent = fingerprint }: KeyedRequest,
  newResourceId: string,
  begun: unknown,
): Promise<Claim> {
  const [claimed] = await database.$queryRaw<Omit<Claim & { state: 'claimed' }, 'state'>[]>`
    WITH claimed AS (
      INSERT INTO idempotency_keys AS k (scope, key, fingerprint, resource_id)
      VALUES (${scope}, ${key}, ${fingerprint}, ${newResourceId}::uuid)
      ON CONFLICT (scope, key) DO UPDATE SET claimed_at = now()
        WHERE k.status IS NULL AND k.fingerprint IN (${fingerprint}, ${fingerprintAsSent})
          AND k.claimed_at < now() - make_interval(secs => ${TAKE_OVER_AFTER_S})
      RETURNING resource_id, resource_id = ${newResourceId}::uuid AS is_new
    ), new_key AS (SELECT FROM claimed WHERE is_new
    ), taken_over AS (SELECT resource_id FROM claimed WHERE NOT is_new
    ), ${begun}
    SELECT resource_id AS "resourceId", is_new AS "isNew", EXISTS (SELECT FROM begun) AS "hasBegun" FROM claimed`;
  if (claimed) return { state: 'claimed', ...claimed };
  return readKnownKey(database, { scope, key, fingerprint, fingerprintAsSent });
}

async function readKnownKey(
  database: RawDatabase,
  { scope, key, fingerprint, fingerprintAsSent }: Required<KeyedRequest>,
): Promise<Claim> {
  const [known] = await database.$queryRaw<KnownKey[]>`
    SELECT fingerprint IN (${fingerprint}, ${fingerprintAsSent}) AS "isSameRequest", status, body,
      greatest(1, ceil(extract(epoch FROM claimed_at - now()) + ${TAKE_OVER_AFTER_S}::int))::int AS "retryAfterS"
    FROM idempotency_keys WHERE scope = ${scope} AND key = ${key}`;
  // The key has just expired: a retry starts anew.
  if (!known) throw problem('idempotency-key-in-use', { retryAfterS: 1 });
  if (!known.isSameRequest) throw problem('idempotency-key-reused');
  if (known.status === null) throw problem('idempotency-key-in-use', { retryAfterS: known.retryAfterS });
  return { state: 'done', status: known.status, body: known.body };
}

/** Blocks an unused key: a later request with it is refused as `idempotency-key-reused`. */
export async function closeKey(
  database: RawDatabase,
  { scope, key }: Pick<KeyedRequest, 'scope' | 'key'>,
): Promise<void> {
  await database.$queryRaw`
    INSERT INTO idempotency_keys (scope, key, fingerprint, resource_id, status)
    VALUES (${scope}, ${key}, 'closed', ${newId()}::uuid, 422)
    ON CONFLICT (scope, key) DO NOTHING`;
}

/**
 * Stores the end of the work and, like `completeKey`, the response, in one statement.
 *
 * @param ended `Prisma.sql` CTEs that store the end of the work: `done` has a row if it ended as `body` says
 * @returns the first stored response; undefined, with nothing stored, if `done` has no row
 */
export async function endAndCompleteKey<T>(
  database: RawDatabase,
  { scope, key }: KeyedRequest,
  { status, body, ended }: { status: number; body: T; ended: unknown },
): Promise<T | undefined> {
  const [stored] = await database.$queryRaw<{ body: T }[]>`
    WITH ${ended}
    UPDATE idempotency_keys
    SET status = coalesce(status, ${status}), body = coalesce(body, ${JSON.stringify(body)}::jsonb)
    WHERE scope = ${scope} AND key = ${key} AND EXISTS (SELECT FROM done)
    RETURNING body`;
  return stored?.body;
}

/** Stores the response for retries, unless there is one already. @returns the first stored response */
export async function completeKey<T>(
  database: RawDatabase,
  { scope, key }: KeyedRequest,
  status: number,
  body: T,
): Promise<T> {
  const [stored] = await database.$queryRaw<{ body: T }[]>`
    UPDATE idempotency_keys
    SET status = coalesce(status, ${status}), body = coalesce(body, ${JSON.stringify(body)}::jsonb)
    WHERE scope = ${scope} AND key = ${key}
    RETURNING body`;
  return stored?.body ?? body;
}
