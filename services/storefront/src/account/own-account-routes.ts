import type { App } from '@meshmart/service/app';
import { readClientAddress } from '@meshmart/service/client-address';
import { Uuid } from '@meshmart/service/schemas';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Notice } from '../html/notice.ts';
import { sendPage } from '../html/send-page.ts';
import type { AccountPeer } from '../peers/account.ts';
import { endSession, readSession } from '../session/session.ts';
import { describeErrors, INVALID_FORM } from './describe-errors.ts';
import { type OwnAccount, renderOwnAccount } from './own-account-page.ts';

const LOGIN = '/shop/login?next=/shop/account';
const Password = Type.String({ maxLength: 300 });
const PasswordForm = Type.Object({ currentPassword: Password, newPassword: Password });
const AccountQuery = Type.Object({ changed: Type.Optional(Type.Literal('1')) });
const SessionParams = Type.Object({ sessionId: Uuid });

const config = { access: 'anonymous' as const };

const CHANGED: Notice = {
  tone: 'good',
  title: 'Your password has been changed',
  text: 'Your other sessions have ended.',
};

/** Registers the routes of the account page: password and sessions. */
export async function ownAccountRoutes(app: App, { account }: { account: AccountPeer }) {
  app.get(
    '/account',
    { config, schema: { hide: true, querystring: AccountQuery } },
    async (request, reply) => {
      const accessToken = readSession(request);
      if (!accessToken) return reply.redirect(LOGIN, 303);
      const notice = request.query.changed ? CHANGED : undefined;
      return sendAccount(request, reply, { accessToken, notice });
    },
  );

  app.post(
    '/account/password',
    { config, schema: { hide: true, body: PasswordForm } },
    async (request, reply) => {
      const accessToken = readSession(request);
      if (!accessToken) return reply.redirect(LOGIN, 303);
      const outcome = await account.changePassword(accessToken, request.body, readClientAddress(request));
      if (outcome === 'changed') return reply.redirect('/shop/account?changed=1', 303);
      const isWrong = outcome === 'wrong-password';
      const errors = isWrong ? { currentPassword: 'This is not your password.' } : describeErrors(outcome);
      return sendAccount(request, reply.code(isWrong ? 403 : 400), {
        accessToken,
        notice: INVALID_FORM,
        errors,
      });
    },
  );

  app.post(
    '/account/sessions/:sessionId/end',
    { config, schema: { hide: true, params: SessionParams } },
    async (request, reply) => {
      const accessToken = readSession(request);
      if (!accessToken) return reply.redirect(LOGIN, 303);
      await account.endSession(accessToken, request.params.sessionId);
      return reply.redirect('/shop/account', 303);
    },
  );

  app.post('/account/sessions/end', { config, schema: { hide: true } }, async (request, reply) => {
    const accessToken = readSession(request);
    if (!accessToken) return reply.redirect(LOGIN, 303);
    await account.endSessions(accessToken);
    endSession(request, reply);
    return reply.redirect('/shop/', 303);
  });

  async function sendAccount(
    request: FastifyRequest,
    reply: FastifyReply,
    { accessToken, ...form }: { accessToken: string } & Pick<OwnAccount, 'notice' | 'errors'>,
  ): Promise<FastifyReply> {
    const own = await account.read(accessToken);
    const title = form.notice ? `${form.notice.title} – Account` : 'Account';
    return sendPage(request, reply, {
      title,
      section: 'account',
      main: renderOwnAccount({ ...own, ...form }),
    });
  }
}
