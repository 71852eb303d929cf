import type { PrismaClient, User } from '../../generated/prisma/client.ts';
import { accountOf } from '../sessions/login-attempts.ts';

/** @returns null when the email has an account already; it is compared without regard to case. */
export async function createUser(
  database: PrismaClient,
  user: Omit<User, 'createdAt'>,
): Promise<User | null> {
  const data = { ...user, email: user.email.toLowerCase() };
  const [created = null] = await database.user.createManyAndReturn({ data, skipDuplicates: true });
  return created;
}

export function findUserByEmail(database: PrismaClient, email: string): Promise<User | null> {
  return database.user.findUnique({ where: { email: email.toLowerCase() } });
}

export function findUser(database: PrismaClient, id: string): Promise<User | null> {
  return database.user.findUnique({ where: { id } });
}

/** @returns null when there is no such user */
export async function renameUser(database: PrismaClient, id: string, name: string): Promise<User | null> {
  const [user = null] = await database.user.updateManyAndReturn({ where: { id }, data: { name } });
  return user;
}

/** Changes the password, unless it is no longer the one that was checked, and ends the user's sessions but the one named. */
export async function changePassword(
  database: PrismaClient,
  { id, passwordHash: checked }: User,
  { passwordHash, keptSessionId }: { passwordHash: string; keptSessionId: string | undefined },
): Promise<boolean> {
  const [changed] = await database.$transaction([
    database.user.updateMany({ where: { id, passwordHash: checked }, data: { passwordHash } }),
    database.session.deleteMany({
      where: { userId: id, user: { passwordHash }, ...(keptSessionId && { id: { not: keptSessionId } }) },
    }),
  ]);
  return changed.count > 0;
}

/** Replaces the hash of the same password. @returns the user as it is then */
export async function replaceHash(database: PrismaClient, user: User, passwordHash: string): Promise<User> {
  const where = { id: user.id, passwordHash: user.passwordHash };
  const [changed = user] = await database.user.updateManyAndReturn({ where, data: { passwordHash } });
  return changed;
}

/**
 * Erases what is known of a person: the account, with it (by the database's cascades) sessions and addresses, and what is
 * counted of logins. Orders and payments are of other services and know only the user's id, which leads nowhere from now on; that
 * they stay is the shop's duty as a bookkeeper (see docs/explanation/secrets.md).
 */
export async function deleteUser(database: PrismaClient, { id, email }: User): Promise<void> {
  await database.$transaction([
    database.user.deleteMany({ where: { id } }),
    database.loginAttempts.deleteMany({ where: { account: accountOf(email) } }),
    database.loginAddress.deleteMany({ where: { account: accountOf(email) } }),
  ]);
}
