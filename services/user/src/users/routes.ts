import type { App } from '@meshmart/service/app';
import { newId } from '@meshmart/service/ids';
import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import type { User } from '../../generated/prisma/client.ts';
import { problem } from '../problems.ts';
import { checkCredentials } from '../sessions/check-credentials.ts';
import { attemptSource, type limitAttempts } from '../sessions/limit-attempts.ts';
import { findJustRegistered } from './find-just-registered.ts';
import { hashPassword } from './password.ts';
import { changePassword, createUser, deleteUser, findUser, renameUser } from './repository.ts';
import { DeletionRequest, PasswordChange, UserChange, UserRequest, UserSchema } from './schemas.ts';

interface Options {
  limit: Awaited<ReturnType<typeof limitAttempts>>;
}

/** Registers the routes for accounts. Those that take a password are limited by `limit`. */
export async function userRoutes(app: App, { limit }: Options) {
  app.post(
    '/users',
    {
      config: {
        access: 'anonymous',
        problems: ['email-taken', 'too-many-attempts', 'too-busy'],
        responseHeaders: ['location'],
      },
      onRequest: limit,
      schema: {
        operationId: 'register',
        summary: 'Create an account',
        body: UserRequest,
        response: { 201: UserSchema },
      },
    },
    async ({ body: { password, ...profile } }, reply) => {
      const passwordHash = await hashPassword(password);
      const user =
        (await createUser(app.database, { id: newId(), role: 'customer', ...profile, passwordHash })) ??
        (await findJustRegistered(app.database, { ...profile, password }));
      if (!user) throw problem('email-taken');
      const headers = { location: '/users/me', 'cache-control': 'no-store' };
      return reply.code(201).headers(headers).send(toUserResponse(user));
    },
  );

  app.get(
    '/users/me',
    {
      config: { access: 'customer', problems: ['not-found'] },
      schema: { operationId: 'getMe', summary: 'Read your account', response: { 200: UserSchema } },
    },
    async (request) => toUserResponse(await findSelf(request)),
  );

  app.patch(
    '/users/me',
    {
      config: { access: 'customer', problems: ['not-found'] },
      schema: {
        operationId: 'changeMe',
        summary: 'Change your name',
        body: UserChange,
        response: { 200: UserSchema },
      },
    },
    async ({ user: { id }, body: { name } }) => {
      const user = await renameUser(app.database, id, name);
      if (!user) throw problem('not-found');
      return toUserResponse(user);
    },
  );

  app.put(
    '/users/me/password',
    {
      config: {
        access: 'customer',
        problems: ['wrong-password', 'not-found', 'too-many-attempts', 'too-busy'],
      },
      onRequest: limit,
      schema: {
        operationId: 'changePassword',
        summary: 'Change your password and end your other sessions',
        body: PasswordChange,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { currentPassword, newPassword } = request.body;
      const owner = await prove(request, await findSelf(request), currentPassword);
      const passwordHash = await hashPassword(newPassword);
      const keptSessionId = request.user.sessionId;
      if (!(await changePassword(app.database, owner, { passwordHash, keptSessionId })))
        throw problem('wrong-password');
      return reply.code(204).send(null);
    },
  );

  // DELETE may have a body if the server defines it (RFC 9110, section 9.3.5); a path would appear in logs.
  app.delete(
    '/users/me',
    {
      config: {
        access: 'customer',
        problems: ['wrong-password', 'forbidden', 'not-found', 'too-many-attempts', 'too-busy'],
      },
      onRequest: limit,
      schema: {
        operationId: 'deleteMe',
        summary: 'Delete your account',
        body: DeletionRequest,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const user = await findSelf(request);
      if (user.role === 'admin') throw problem('forbidden', { detail: 'a store needs its administrator' });
      const owner = await prove(request, user, request.body.password);
      await deleteUser(app.database, owner);
      return reply.code(204).send(null);
    },
  );

  async function findSelf({ user: { id } }: FastifyRequest): Promise<User> {
    const user = await findUser(app.database, id);
    if (!user) throw problem('not-found');
    return user;
  }

  /** Counts failures like those of a login, so that a stolen access token does not bypass the limits. */
  async function prove(request: FastifyRequest, { email }: User, password: string): Promise<User> {
    const given = { email, password, source: attemptSource(request) };
    const owner = await checkCredentials(app.database, given);
    if (!owner) throw problem('wrong-password');
    return owner;
  }
}

function toUserResponse({ id, email, name, role, createdAt }: User): Static<typeof UserSchema> {
  return { id, email, name, role, createdAt: createdAt.toISOString() };
}
