import type { PrismaClient, User } from '../../generated/prisma/client.ts';
import { verifyPassword } from '../users/password.ts';
import { findUserByEmail } from '../users/repository.ts';
import { countAttempt } from './login-attempts.ts';

/**
 * Whose email and password these are. An unknown email, a wrong password and a locked account all cost the same work and come
 * out the same: nobody learns from it who has an account here (OWASP Authentication Cheat Sheet).
 *
 * @returns null when they do not belong together or the account is locked. @throws `too-busy` (429)
 */
export async function checkCredentials(
  database: PrismaClient,
  { email, password }: { email: string; password: string },
): Promise<User | null> {
  const user = await findUserByEmail(database, email);
  const isRight = await verifyPassword(user?.passwordHash, password);
  const isOpen = await countAttempt(database, email, isRight);
  return isRight && isOpen ? user : null;
}
