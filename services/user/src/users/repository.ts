import type { PrismaClient, User } from '../../generated/prisma/client.ts';

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

/** Ends the user's sessions, too. */
export async function changePassword(
  database: PrismaClient,
  id: string,
  passwordHash: string,
): Promise<void> {
  await database.$transaction([
    database.user.update({ where: { id }, data: { passwordHash } }),
    database.session.deleteMany({ where: { userId: id } }),
  ]);
}
