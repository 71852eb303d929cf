import type { Address, PrismaClient } from '../../generated/prisma/client.ts';
import { MOST_ADDRESSES } from './schemas.ts';

export type NewAddress = Omit<Address, 'createdAt'>;

/** Lists a user's addresses. @returns null if there is no such user */
export async function listAddresses(database: PrismaClient, userId: string): Promise<Address[] | null> {
  const addresses = { orderBy: { createdAt: 'asc' as const } };
  const user = await database.user.findUnique({ where: { id: userId }, select: { addresses } });
  return user?.addresses ?? null;
}

/** Finds an address. @returns null if the user has none with this id */
export function findAddress(database: PrismaClient, userId: string, id: string): Promise<Address | null> {
  return database.address.findUnique({ where: { userId_id: { userId, id } } });
}

/** Creates or replaces an address. Locks the user's row, so that simultaneous requests cannot exceed the limit. */
export async function putAddress(
  database: PrismaClient,
  { userId, id, ...fields }: NewAddress,
): Promise<'created' | 'replaced' | 'no-user' | 'too-many'> {
  return database.$transaction(async (transaction) => {
    const users = await transaction.$queryRaw<unknown[]>`
      SELECT id FROM users WHERE id = ${userId}::uuid FOR UPDATE`;
    if (users.length === 0) return 'no-user';
    const { count } = await transaction.address.updateMany({ where: { userId, id }, data: fields });
    if (count > 0) return 'replaced';
    if ((await transaction.address.count({ where: { userId } })) >= MOST_ADDRESSES) return 'too-many';
    await transaction.address.create({ data: { userId, id, ...fields } });
    return 'created';
  });
}

/** Deletes an address. @returns false if there was none */
export async function deleteAddress(database: PrismaClient, userId: string, id: string): Promise<boolean> {
  return (await database.address.deleteMany({ where: { userId, id } })).count > 0;
}
