import { createHash } from 'node:crypto';
import { Type } from 'typebox';
import { newId } from './ids.ts';
import { defineProblems, type ProblemKind } from './problems.ts';

export const KEYS_KEPT_FOR_H = 24;

/** For the table of a service that takes the header. */
export const idempotencyProblems = {
  'idempotency-key-missing': { status: 400, title: 'The Idempotency-Key header is missing or not valid' },
  'idempotency-key-in-use': {
    status: 409,
    title: 'A request with this Idempotency-Key is still being processed',
  },
  'idempotency-key-reused': { status: 422, title: 'This Idempotency-Key was used with another request' },
} satisfies Record<string, ProblemKind>;

/** The names of these problems, for routes that take the header. */
export const keyProblems = Object.keys(idempotencyProblems);

const problem = defineProblems(idempotencyProblems);

/**
 * The Idempotency-Key header by the IETF draft (draft-ietf-httpapi-idempotency-key-header-07): 400 without a key, 409 while
 * the first request still runs, 422 for the same key with another body, otherwise the first answer again.
 *
 * A key lives in the service's own database, in the table `idempotency_keys`, and is claimed in the transaction that also
 * stores what the request is about. It belongs to a scope: the user and the route. `expire-idempotency-keys.ts` deletes what is too old.
 */
export const IdempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      maxLength: 1000, // a key's own limit is lower, and has a problem of its own
      description: `A unique string, quoted or bare, 1 to 255 long; without it the answer is 400. It is kept for ${KEYS_KEPT_FOR_H} h, and longer while what it began is unfinished.`,
    }),
  ),
});

/** After this long without an answer, the first request has died with its replica; a repetition takes over its work. */
const TAKE_OVER_AFTER_S = 10;

/** Any Prisma client or transaction: the only thing that is asked of it is parameterised SQL. */
export interface RawDatabase {
  $queryRaw<T = unknown>(query: TemplateStringsArray, ...values: unknown[]): PromiseLike<T>;
}

export interface KeyedRequest {
  scope: string;
  /** The hash of what the client sent. */
  key: string;
  /** The hash of the body as canonical JSON, in which the order of an object's members means nothing. */
  fingerprint: string;
  /** The hash of the body as it was sent, by which releases before the canonical one stored their requests. */
  fingerprintAsSent?: string;
}

export type Claim =
  /** Ours to do: the first time, or again after whoever began it died. The resource's id is the same both times. */
  | { state: 'claimed'; resourceId: string; isNew: boolean; hasBegun: boolean }
  | { state: 'done'; status: number; body: unknown };

interface KnownKey {
  isSameRequest: boolean;
  status: number | null;
  body: unknown;
  /** Until a repetition may take over the work. */
  retryAfterS: number;
}

/** @throws `idempotency-key-missing` when the header is not there or not 1 to 255 printable characters */
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

/** Sorts an object's members as RFC 8785 does. `JSON.stringify` calls it at every depth, as its replacer. */
function sortMembers(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Only this is stored of a key: a client may have taken a token or a card number for one. */
export function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Claims a key, and stores in the same statement what the request is about; or tells what became of the key.
 *
 * @param begun SQL of the service's own kind (`Prisma.sql`): CTEs, of which `begun` has a row when what the request is about was
 *   stored, such as `begun AS (INSERT … SELECT … FROM new_key RETURNING id)`. `new_key` has one row when the key is new, otherwise
 *   none; `taken_over` has the `resource_id` of a key whose first request has died, otherwise no row
 * @throws `idempotency-key-reused` for another body, `idempotency-key-in-use` while the first request runs, with the time until a
 *   repetition may take over as Retry-After
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
  // Too old, and forgotten since the first look: asked again, it begins anew.
  if (!known) throw problem('idempotency-key-in-use', { retryAfterS: 1 });
  if (!known.isSameRequest) throw problem('idempotency-key-reused');
  if (known.status === null) throw problem('idempotency-key-in-use', { retryAfterS: known.retryAfterS });
  return { state: 'done', status: known.status, body: known.body };
}

/** Takes a key that no request has used yet, for good: a request that arrives with it later is refused as `idempotency-key-reused`. */
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
 * Stores the first answer as `completeKey` does, in one statement with the end of the work that it tells of.
 *
 * @param ended SQL of the service's own kind: CTEs, of which `done` has a row when the work ended as `body` says
 * @returns the answer that stands; undefined when `done` has no row, and nothing is stored
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

/** Stores the answer that every repetition will get. The first one stands. @returns the answer that stands */
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
