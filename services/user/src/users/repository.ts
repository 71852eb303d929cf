import type { PrismaClient, User } from '../../generated/prisma/client.ts';
import { accountOf } from '../sessions/login-attempts.ts';

/** Creates an account. @returns null if the email, compared without case, has one already */
export async function createUser(
  database: PrismaClient,
  user: Omit<User, 'createdAt'>,
): Promise<User | null> {
  const data = { ...user, email: user.email.toLowerCase() };
  const [created = null] = await database.user.createManyAndReturn({ data, skipDuplicates: true });
  return created;
}

/** Finds a user by email, ignoring case. @returns null if there is none */
export function findUserByEmail(database: PrismaClient, email: string): Promise<User | null> {
  return database.user.findUnique({ where: { email: email.toLowerCase() } });
}

/** Finds a user. @returns null if the account was deleted, although its access tokens are still valid */
export function findUser(database: PrismaClient, id: string): Promise<User | null> {
  return database.user.findUnique({ where: { id } });
}

/** Changes a user's name. @returns null if there is no such user */
export async function renameUser(database: PrismaClient, id: string, name: string): Promise<User | null> {
  const [user = null] = await database.user.updateManyAndReturn({ where: { id }, data: { name } });
  return user;
}

/** Changes the password, unless it has changed since it was verified, and ends all other sessions of the user. */
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

/** Replaces the hash of the same password. @returns the updated user */
export async function replaceHash(database: PrismaClient, user: User, passwordHash: string): Promise<User> {
  const where = { id: user.id, passwordHash: user.passwordHash };
  const [changed = user] = await database.user.updateManyAndReturn({ where, data: { passwordHash } });
  return changed;
}

/**
 * Erases a person's data: the account, its sessions and addresses (by cascades), and its counts of logins. Orders and
 * payments of other services are kept for bookkeeping; they contain only the user's id (see
 * docs/explanation/secrets.md).
 */
export async function deleteUser(database: PrismaClient, { id, email }: User): Promise<void> {
  await database.$transaction([
    database.user.deleteMany({ where: { id } }),
    database.loginAttempts.deleteMany({ where: { account: accountOf(email) } }),
    database.loginAddress.deleteMany({ where: { account: accountOf(email) } }),
  ]);
}
