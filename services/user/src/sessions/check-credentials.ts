import type { PrismaClient, User } from '../../generated/prisma/client.ts';
import { problem } from '../problems.ts';
import { hashPassword, needsRehash, verifyPassword } from '../users/password.ts';
import { findUserByEmail, replaceHash } from '../users/repository.ts';
import { countAttempt } from './login-attempts.ts';

/** Retry-After for an address with too many failures; see `login-attempts.ts`. */
const RETRY_AFTER_S = 60;

export interface Credentials {
  email: string;
  password: string;
  /** The source of the attempt, by `attemptSource`. */
  source: string;
}

/**
 * Finds the user with this email and password. Replaces a hash with outdated parameters. An unknown email and a wrong
 * password take the same work and have the same outcome, so that nobody learns who has an account (OWASP Authentication
 * Cheat Sheet).
 *
 * @returns null if the email or the password is wrong
 * @throws `too-many-attempts` (429) after too many failures, `too-busy` (429) if too many passwords wait to be checked
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
