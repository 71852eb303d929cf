import type { PrismaClient, User } from '../../generated/prisma/client.ts';
import { verifyPassword } from './password.ts';
import { findUserByEmail } from './repository.ts';

const REPEAT_WITHIN_MS = 60_000;

/**
 * Finds the account that the same registration has made within the last minute: the second half of a double click, or a repetition
 * because the response was lost. It is not a login, so that nobody's failures are counted for it.
 *
 * @returns null when the account is another one
 */
export async function findJustRegistered(
  database: PrismaClient,
  given: { email: string; name: string; password: string },
): Promise<User | null> {
  const user = await findUserByEmail(database, given.email);
  if (!user || user.name !== given.name || Date.now() - user.createdAt.getTime() > REPEAT_WITHIN_MS)
    return null;
  return (await verifyPassword(user.passwordHash, given.password)) ? user : null;
}
