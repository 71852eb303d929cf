import type { App } from '@meshmart/service/app';
import { readClientAddress } from '@meshmart/service/client-address';
import { Problem } from '@meshmart/service/problems';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { formatCount } from '../html/format.ts';
import { sendPage } from '../html/send-page.ts';
import type { UserPeer } from '../peers/user.ts';
import { endSession, readRefreshToken, startSession } from '../session/session.ts';
import { type AccountForm, renderLogin, renderRegister } from './account-pages.ts';
import { describeErrors, INVALID_FORM } from './describe-errors.ts';

const START = '/shop/';
/** A path in the shop only, so that a link to the login cannot redirect to another site. */
const Next = Type.String({ pattern: '^/shop/[a-z0-9/-]*$', maxLength: 200, default: START });
const NextQuery = Type.Object({ next: Next });
const Text = Type.String({ maxLength: 300 });
const LoginForm = Type.Object({ next: Next, email: Text, password: Text });
const RegisterForm = Type.Object({ next: Next, email: Text, password: Text, name: Text });

const config = { access: 'anonymous' as const };

/**
 * Registers the routes to log in, register and log out. All redirect with 303, so that a reload sends nothing again.
 */
export async function accountRoutes(app: App, { users }: { users: UserPeer }) {
  app.get('/login', { config, schema: { hide: true, querystring: NextQuery } }, async (request, reply) =>
    sendLogin(request, reply, request.query),
  );

  const loginOptions = {
    config,
    errorHandler: sendAgain(sendLogin),
    schema: { hide: true, body: LoginForm },
  };
  app.post('/login', loginOptions, async (request, reply) => {
    const { next, email, password } = request.body;
    if (await tryLogIn(request, reply, { email, password })) return reply.redirect(next, 303);
    const notice = { tone: 'bad', title: 'Wrong email or password' } as const;
    return sendLogin(request, reply.code(401), { next, email, notice });
  });

  app.get('/register', { config, schema: { hide: true, querystring: NextQuery } }, async (request, reply) =>
    sendRegister(request, reply, request.query),
  );

  const registerOptions = {
    config,
    errorHandler: sendAgain(sendRegister),
    schema: { hide: true, body: RegisterForm },
  };
  app.post('/register', registerOptions, async (request, reply) => {
    const { next, email, password, name } = request.body;
    const outcome = await users.register({ email, password, name }, readClientAddress(request));
    if (outcome === 'email-taken') {
      const errors = { email: 'There is already an account with this email. Log in, or use another email.' };
      return sendRegister(request, reply.code(409), { next, email, name, notice: INVALID_FORM, errors });
    }
    if (outcome !== 'registered') {
      const errors = describeErrors(outcome);
      return sendRegister(request, reply.code(400), { next, email, name, notice: INVALID_FORM, errors });
    }
    await tryLogIn(request, reply, { email, password });
    return reply.redirect(next, 303);
  });

  app.post('/logout', { config, schema: { hide: true } }, async (request, reply) => {
    const refreshToken = readRefreshToken(request);
    // Even if this fails, the cookies are deleted, and nobody has the token.
    if (refreshToken)
      await users
        .logOut(refreshToken)
        .catch((err) => request.log.warn({ err }, 'a session could not be ended'));
    endSession(request, reply);
    return reply.redirect(START, 303);
  });

  async function tryLogIn(
    request: FastifyRequest,
    reply: FastifyReply,
    given: { email: string; password: string },
  ) {
    const session = await users.logIn(given, readClientAddress(request));
    if (session) startSession(request, reply, session);
    return session !== null;
  }
}

/**
 * Returns an error handler for 429 that shows the form again, with its entries and the time to wait.
 *
 * @throws all other errors, for the shop's error handler
 */
function sendAgain(send: typeof sendLogin) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (!(error instanceof Problem) || error.status !== 429) throw error;
    const { retryAfterS = 1 } = error;
    const text = `Try again in ${formatCount(retryAfterS, 'second')}.`;
    const { password: _, ...form } = request.body as AccountForm & { password: string };
    reply.code(429).header('retry-after', retryAfterS);
    return send(request, reply, { ...form, notice: { tone: 'warn', title: 'Too many attempts', text } });
  };
}

/** Sends the login page, also in place of a page that needs a login. */
export function sendLogin(request: FastifyRequest, reply: FastifyReply, form: AccountForm): FastifyReply {
  return sendPage(request, reply, { title: 'Log in', section: 'login', main: renderLogin(form) });
}

function sendRegister(request: FastifyRequest, reply: FastifyReply, form: AccountForm): FastifyReply {
  return sendPage(request, reply, { title: 'Register', section: 'register', main: renderRegister(form) });
}
