import { newId } from '@meshmart/service/ids';
import type { PrismaClient } from '../../generated/prisma/client.ts';
import { hashPassword, verifyPassword } from './password.ts';
import { findUserByEmail } from './repository.ts';

/**
 * Makes this account the only administrator, with this password. A former administrator with another email becomes a
 * customer, and its sessions end. If the password changes, the administrator's sessions end too.
 *
 * @throws an Error if the email belongs to a customer with another password: anybody may have registered it, so it is
 *   neither promoted nor changed
 */
export async function setAdministrator(
  database: PrismaClient,
  { email, password }: { email: string; password: string },
): Promise<void> {
  const known = await findUserByEmail(database, email);
  const isRight = await verifyPassword(known?.passwordHash, password);
  if (known?.role === 'customer' && !isRight) {
    throw new Error(
      'ADMIN_EMAIL is the email of a customer, whose account is not taken: choose another email, or delete that account',
    );
  }
  const id = known?.id ?? newId();
  const passwordHash = isRight && known ? known.passwordHash : await hashPassword(password);
  const former = { role: 'admin' as const, id: { not: id } };
  await database.$transaction([
    database.session.deleteMany({ where: isRight ? { user: former } : { user: { role: 'admin' } } }),
    database.user.updateMany({ where: former, data: { role: 'customer' } }),
    database.user.upsert({
      where: { id },
      create: { id, email: email.toLowerCase(), name: 'Administrator', role: 'admin', passwordHash },
      update: { role: 'admin', passwordHash },
    }),
  ]);
}
