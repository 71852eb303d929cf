import type { App } from '@meshmart/service/app';
import { newId } from '@meshmart/service/ids';
import type { Static } from 'typebox';
import type { User } from '../../generated/prisma/client.ts';
import { problem } from '../problems.ts';
import { hashPassword } from './password.ts';
import { createUser, findUser } from './repository.ts';
import { UserRequest, UserSchema } from './schemas.ts';

export async function userRoutes(app: App) {
  app.post(
    '/users',
    {
      config: { access: 'anonymous' },
      schema: { operationId: 'register', body: UserRequest, response: { 201: UserSchema } },
    },
    async ({ body: { password, ...profile } }, reply) => {
      const passwordHash = await hashPassword(password);
      const user = await createUser(app.database, {
        id: newId(),
        role: 'customer',
        ...profile,
        passwordHash,
      });
      if (!user) throw problem('email-taken');
      return reply.code(201).send(present(user));
    },
  );

  app.get(
    '/users/me',
    { config: { access: 'customer' }, schema: { operationId: 'getMe', response: { 200: UserSchema } } },
    async ({ user: { id } }) => {
      const user = await findUser(app.database, id);
      if (!user) throw problem('not-found');
      return present(user);
    },
  );
}

function present({ id, email, name, role, createdAt }: User): Static<typeof UserSchema> {
  return { id, email, name, role, createdAt: createdAt.toISOString() };
}
