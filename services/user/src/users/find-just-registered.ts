import type { PrismaClient, User } from '../../generated/prisma/client.ts';
import { verifyPassword } from './password.ts';
import { findUserByEmail } from './repository.ts';

const REPEAT_WITHIN_MS = 60_000;

/**
 * Finds the account that the same registration made within the last minute, for a double click or a retry after a lost
 * response. It does not count as a login.
 *
 * @returns null if the account is not from the same registration
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
