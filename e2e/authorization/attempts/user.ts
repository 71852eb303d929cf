import { newId } from '@meshmart/service/ids';
import { type Customer, newAccount, type World } from '../world.ts';
import { type Attempts, plain } from './attempt.ts';

const me = '/users/me';
const addresses = `${me}/addresses`;
const sessions = `${me}/sessions`;
const address = { recipient: 'Ada', lines: ['1 Analytical Way'], city: 'London', country: 'GB' };

const readAs = ({ send }: World, { token }: Customer, path: string) => {
  const headers = { authorization: `Bearer ${token}` };
  return async () => {
    const { status, text } = await send('user', { method: 'GET', path, headers });
    return { status, text };
  };
};

/** Creates an address for a new customer. */
async function putAddress(world: World) {
  const owner = await world.register();
  const id = newId();
  const path = `${addresses}/${id}`;
  await world.must('user', { method: 'PUT', path, body: address }, owner);
  return { owner, id, path, look: readAs(world, owner, addresses) };
}

const loginOf = ({ other: { email, password } }: World) => ({ email, password });

async function newSession(world: World): Promise<{ refreshToken: string }> {
  const call = { method: 'POST', path: '/sessions', body: loginOf(world) };
  const { refreshToken } = await world.must('user', call);
  return { refreshToken };
}

/** Creates a customer who is logged in. */
export async function logIn(world: World) {
  const owner = await world.register();
  const { email, password } = owner;
  await world.must('user', { method: 'POST', path: '/sessions', body: { email, password } });
  const [{ id }] = (await world.must('user', { method: 'GET', path: sessions }, owner)).items;
  return { owner, id: id as string, look: readAs(world, owner, sessions) };
}

/** Tells whether a customer can log in with the original password. */
export const lookAtPassword =
  ({ send }: World, { email, password }: Customer) =>
  async () =>
    (await send('user', { method: 'POST', path: '/sessions', body: { email, password } })).status;

export const attempts: Attempts = {
  'POST /users': async () => ({ path: '/users', body: newAccount(), status: 201 }),
  'GET /users/me': async ({ register }) => {
    const owner = await register();
    return { path: me, status: 200, owner, mark: owner.email };
  },
  'PATCH /users/me': async (world) => {
    const owner = await world.register();
    const look = readAs(world, owner, me);
    return { path: me, body: { name: 'Grace' }, status: 200, owner, mark: owner.email, look };
  },
  'DELETE /users/me': async (world) => {
    const owner = await world.register();
    const others = { customer: '403 wrong-password', admin: '403 forbidden' };
    const { password } = owner;
    return { path: me, body: { password }, status: 204, owner, others, look: readAs(world, owner, me) };
  },
  'PUT /users/me/password': async (world) => {
    const owner = await world.register();
    return {
      path: `${me}/password`,
      body: { currentPassword: owner.password, newPassword: 'another password' },
      status: 204,
      owner,
      others: { customer: '403 wrong-password', admin: '403 wrong-password' },
      look: lookAtPassword(world, owner),
    };
  },
  'GET /users/me/sessions': async (world) => {
    const { owner, id } = await logIn(world);
    return { path: sessions, status: 200, owner, mark: id };
  },
  'DELETE /users/me/sessions': async (world) => {
    const { owner, look } = await logIn(world);
    return { path: sessions, status: 204, owner, look };
  },
  'DELETE /users/me/sessions/:sessionId': async (world) => {
    const { owner, id, look } = await logIn(world);
    return { path: `${sessions}/${id}`, status: 204, owner, look };
  },
  'GET /users/me/addresses': async (world) => {
    const { owner, id } = await putAddress(world);
    return { path: addresses, status: 200, owner, mark: id };
  },
  'GET /users/me/addresses/:addressId': async (world) => {
    const { owner, id, path } = await putAddress(world);
    return { path, status: 200, owner, mark: id };
  },
  // Another customer who puts an address under the same id creates another address.
  'PUT /users/me/addresses/:addressId': async (world) => {
    const { owner, path, look } = await putAddress(world);
    const body = { ...address, city: 'Paris' };
    return { path, body, status: 200, owner, others: { customer: '201', admin: '201' }, look };
  },
  'DELETE /users/me/addresses/:addressId': async (world) => {
    const { owner, path, look } = await putAddress(world);
    return { path, status: 204, owner, look };
  },
  'POST /sessions': async (world) => ({ path: '/sessions', body: loginOf(world), status: 201 }),
  'POST /sessions/refresh': async (world) => ({
    path: '/sessions/refresh',
    body: await newSession(world),
    status: 200,
  }),
  'POST /sessions/revoke': async (world) => ({
    path: '/sessions/revoke',
    body: await newSession(world),
    status: 204,
  }),
  'GET /.well-known/jwks.json': plain('/.well-known/jwks.json'),
};
