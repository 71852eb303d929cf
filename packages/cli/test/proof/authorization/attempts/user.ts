import { newId } from '@meshmart/service/ids';
import { type Customer, newAccount, type World } from '../world.ts';
import { type Attempts, plain } from './attempt.ts';

const me = '/users/me';
const addresses = `${me}/addresses`;
const address = { recipient: 'Ada', lines: ['1 Analytical Way'], city: 'London', country: 'GB' };

const readAs = ({ send }: World, { token }: Customer, path: string) => {
  const headers = { authorization: `Bearer ${token}` };
  return async () => {
    const { status, text } = await send('user', { method: 'GET', path, headers });
    return { status, text };
  };
};

/** The address of a new customer. */
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

export const user: Attempts = {
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
  'GET /users/me/addresses': async (world) => {
    const { owner, id } = await putAddress(world);
    return { path: addresses, status: 200, owner, mark: id };
  },
  'GET /users/me/addresses/:addressId': async (world) => {
    const { owner, id, path } = await putAddress(world);
    return { path, status: 200, owner, mark: id };
  },
  // An address is the owner's and has an id: what others put under the same id is another one.
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
