import { newId } from '@meshmart/service/ids';
import {
  Prisma,
  type PrismaClient,
  type Session as StoredSession,
  type User,
} from '../../generated/prisma/client.ts';
import { forgetAttempts } from './login-attempts.ts';
import {
  deriveSuccessor,
  hashSecret,
  makeSecret,
  readRefreshToken,
  writeRefreshToken,
} from './refresh-token.ts';

/** A session ends 30 days after its login, or after 7 days without a refresh. */
const LIFETIME_D = 30;
const IDLE_D = 7;
/** A refresh may be repeated for so long, in case its response was lost. */
const REPEAT_WITHIN_S = 30;
/** Beyond this number, the least recently refreshed sessions end. */
export const MOST_SESSIONS = 20;
const BATCH = 500;

const expiry = Prisma.sql`least(created_at + make_interval(days => ${LIFETIME_D}::int), now() + make_interval(days => ${IDLE_D}::int))`;

export interface Session {
  id: string;
  user: Pick<User, 'id' | 'role'>;
  refreshToken: string;
  refreshExpiresInS: number;
}

export type Refusal = 'unknown' | 'reused';

/** Starts a session. @returns null if the user has been deleted or has another password by now */
export async function startSession(database: PrismaClient, user: User): Promise<Session | null> {
  const sessionId = newId();
  const secret = makeSecret();
  const started = await database.$queryRaw<unknown[]>`
    WITH owner AS (
      SELECT id FROM users WHERE id = ${user.id}::uuid AND password_hash = ${user.passwordHash} FOR NO KEY UPDATE
    ), surplus AS (
      DELETE FROM sessions WHERE id IN (
        SELECT id FROM sessions WHERE user_id = (SELECT id FROM owner)
        ORDER BY rotated_at DESC OFFSET ${MOST_SESSIONS - 1}::int)
    )
    INSERT INTO sessions (id, user_id, token_hash, expires_at)
    SELECT ${sessionId}::uuid, id, ${hashSecret(secret)}, now() + make_interval(days => ${IDLE_D}::int) FROM owner
    RETURNING id`;
  if (started.length === 0) return null;
  const refreshToken = writeRefreshToken({ sessionId, secret });
  return { id: sessionId, user, refreshToken, refreshExpiresInS: IDLE_D * 86_400 };
}

/**
 * Exchanges a refresh token for its successor, once. An older token means that two parties hold tokens of the session,
 * so the session ends (RFC 9700, section 4.14.2). The last exchange may be repeated for 30 s, until its successor is
 * used, because proxies lose responses and retry requests; it then returns the same successor.
 *
 * The session's row is locked, so that replicas take turns.
 */
export async function refreshSession(database: PrismaClient, token: string): Promise<Session | Refusal> {
  const presented = readRefreshToken(token);
  if (!presented) return 'unknown';
  const { sessionId, secret } = presented;
  return database.$transaction(async (transaction) => {
    const session = await lockSession(transaction, sessionId);
    if (!session) return 'unknown';
    const hash = Buffer.from(hashSecret(secret));
    const isRepeated = session.isRepeatable && hash.equals(session.previousHash ?? new Uint8Array());
    if (!isRepeated && !hash.equals(session.tokenHash)) {
      await transaction.session.delete({ where: { id: sessionId } });
      return 'reused';
    }
    const nonce = isRepeated ? (session.successorNonce as Uint8Array) : makeSecret();
    const successor = deriveSuccessor(secret, nonce);
    if (!isRepeated) {
      await transaction.$executeRaw`
        UPDATE sessions SET previous_hash = token_hash, token_hash = ${hashSecret(successor)},
          successor_nonce = ${nonce}, rotated_at = now(), expires_at = ${expiry}
        WHERE id = ${sessionId}::uuid`;
    }
    const [{ seconds } = { seconds: 0 }] = await transaction.$queryRaw<{ seconds: number }[]>`
      SELECT extract(epoch FROM expires_at - now())::int AS seconds FROM sessions WHERE id = ${sessionId}::uuid`;
    const refreshToken = writeRefreshToken({ sessionId, secret: successor });
    return { id: sessionId, user: session.user, refreshToken, refreshExpiresInS: seconds };
  });
}

interface LockedSession {
  user: Session['user'];
  tokenHash: Uint8Array;
  previousHash: Uint8Array | null;
  successorNonce: Uint8Array | null;
  isRepeatable: boolean;
}

async function lockSession(
  transaction: Prisma.TransactionClient,
  sessionId: string,
): Promise<LockedSession | undefined> {
  const [session] = await transaction.$queryRaw<LockedSession[]>`
    SELECT json_build_object('id', u.id, 'role', u.role) AS user, token_hash AS "tokenHash",
      previous_hash AS "previousHash", successor_nonce AS "successorNonce",
      rotated_at + make_interval(secs => ${REPEAT_WITHIN_S}) > now() AS "isRepeatable"
    FROM sessions AS s JOIN users AS u ON u.id = s.user_id
    WHERE s.id = ${sessionId}::uuid AND s.expires_at > now()
    FOR UPDATE OF s`;
  return session;
}

/** Ends the session of a refresh token, whether or not the token is its newest. */
export async function endSession(database: PrismaClient, token: string): Promise<void> {
  const id = readRefreshToken(token)?.sessionId;
  if (id) await database.session.deleteMany({ where: { id } });
}

/** Returns a user's sessions, most recently refreshed first. */
export function listSessions(database: PrismaClient, userId: string): Promise<StoredSession[]> {
  return database.session.findMany({
    where: { userId, expiresAt: { gt: new Date() } },
    orderBy: [{ rotatedAt: 'desc' }, { id: 'desc' }],
  });
}

/** Ends all sessions of a user, or the one with this id. @returns the number of ended sessions */
export async function endSessions(database: PrismaClient, userId: string, id?: string): Promise<number> {
  return (await database.session.deleteMany({ where: { userId, ...(id && { id }) } })).count;
}

/** Deletes a batch of ended sessions and one of old failures. @returns the number of deleted rows */
export async function forgetOldSessions(database: PrismaClient): Promise<number> {
  const sessions = await database.$executeRaw`
    DELETE FROM sessions WHERE id IN (
      SELECT id FROM sessions WHERE expires_at < now() ORDER BY expires_at LIMIT ${BATCH}::int FOR UPDATE SKIP LOCKED)`;
  return sessions + (await forgetAttempts(database, BATCH));
}
