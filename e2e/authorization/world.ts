import { type Layout, makeStateFolders } from '@meshmart/local-platform/layout';
import { ensureSecrets, signingKeysFileIn } from '@meshmart/local-platform/secrets';
import { makeSigningKey, writeKeysFile } from '@meshmart/user/keys-file';
import { decodeJwt } from 'jose';
import type { RunningStore } from '../running-store.ts';
import { type Call, type Instances, openInstances } from './calls.ts';
import { type Keys, makeGoodToken, type Subject } from './tokens.ts';

export interface Customer extends Subject {
  email: string;
  password: string;
  token: string;
}

/** Objects that must exist before a route can be tried. Calls to the instances themselves create them. */
export interface World extends Instances {
  keys: Keys;
  admin: Customer;
  /** A customer without any objects. */
  other: Customer;
  /** A product with more than enough stock. */
  productId: string;
  priceMinor: number;
  /** Sends a call that must succeed, optionally as a customer. */
  // biome-ignore lint/suspicious/noExplicitAny: what the services answer has no type here
  must(name: string, call: Call, as?: Customer): Promise<any>;
  register(): Promise<Customer>;
}

export function newAccount() {
  const name = crypto.randomUUID();
  return { email: `${name}@meshmart.example`, password: `the password of ${name}`, name };
}

/** Writes the keys for a store that has not started: a current key, and one that has just been retired. */
export function prepareKeys(layout: Layout): Keys {
  const at = (ms: number) => new Date(Date.now() + ms);
  const retired = { ...makeSigningKey(at(-3_600_000)), publishedUntil: at(-1000).toISOString() };
  const current = makeSigningKey(at(-1000));
  makeStateFolders(layout);
  writeKeysFile(signingKeysFileIn(layout.secrets), [retired, current]);
  return { current, retired };
}

export async function createWorld(store: RunningStore, keys: Keys): Promise<World> {
  const instances = await openInstances(store);
  const { send, close } = instances;
  const must: World['must'] = (name, call, as) => {
    const headers = { ...call.headers, ...(as ? { authorization: `Bearer ${as.token}` } : {}) };
    return instances.must(name, { ...call, headers });
  };
  const post = (path: string, body: object) => must('user', { method: 'POST', path, body });
  const register = async (): Promise<Customer> => {
    const account = newAccount();
    const user: Subject = await post('/users', account);
    return { ...account, id: user.id, role: user.role, token: makeGoodToken(keys, user) };
  };
  const findAdmin = async (): Promise<Customer> => {
    const login = ensureSecrets(store.layout.secrets).admin;
    const { accessToken: token } = await post('/sessions', login);
    const { sub: id } = decodeJwt(token);
    return { ...login, id: id as string, role: 'admin', token };
  };

  const admin = await findAdmin();
  const [{ id: productId, priceMinor, version }] = (
    await must('product', { method: 'GET', path: '/products?limit=1' })
  ).items;
  const path = `/products/${productId}`;
  const headers = { 'if-match': `"${version}"` };
  await must('product', { method: 'PATCH', path, headers, body: { stockDelta: 100_000 } }, admin);
  return {
    keys,
    admin,
    other: await register(),
    productId,
    priceMinor,
    send,
    must,
    register,
    close,
  };
}
