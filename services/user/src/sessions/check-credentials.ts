import type { PrismaClient, User } from '../../generated/prisma/client.ts';
import { problem } from '../problems.ts';
import { hashPassword, needsRehash, verifyPassword } from '../users/password.ts';
import { findUserByEmail, replaceHash } from '../users/repository.ts';
import { countAttempt } from './login-attempts.ts';

/** How soon an address that has failed too often may be answered again; see `login-attempts.ts`. */
const RETRY_AFTER_S = 60;

export interface Credentials {
  email: string;
  password: string;
  /** The source of the attempt: see `attemptSource`. */
  source: string;
}

/**
 * Whose email and password these are. A hash with less than today's parameters is replaced, since only now the password is known. An unknown email and a wrong password cost the same work and come out the same, also when
 * there were too many: nobody learns from it who has an account here (OWASP Authentication Cheat Sheet).
 *
 * @returns null when they do not belong together
 * @throws `too-many-attempts` (429) after too many failures, `too-busy` (429) when too many passwords wait to be checked
 */
export async function checkCredentials(
  database: PrismaClient,
  { email, password, source }: Credentials,
): Promise<User | null> {
  const user = await findUserByEmail(database, email);
  const isRight = await verifyPassword(user?.passwordHash, password);
  if (!(await countAttempt(database, { email, source, isRight })))
    throw problem('too-many-attempts', { retryAfterS: RETRY_AFTER_S });
  if (!isRight || !user) return null;
  return needsRehash(user.passwordHash) ? replaceHash(database, user, await hashPassword(password)) : user;
}
