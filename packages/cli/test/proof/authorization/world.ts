import { makeSigningKey, writeKeysFile } from '@meshmart/user/keys-file';
import { decodeJwt } from 'jose';
import { type Layout, makeStateFolders } from '../../../src/platform/layout.ts';
import { ensureSecrets, signingKeysFileIn } from '../../../src/platform/secrets.ts';
import type { RunningStore } from '../running-store.ts';
import { type Answer, type Call, type Line, openLine } from './calls.ts';
import { type Keys, makeGoodToken, type Subject } from './tokens.ts';

export interface Customer extends Subject {
  email: string;
  password: string;
  token: string;
}

/** What there has to be before a route can be tried: made by calls to the instances themselves, past the mesh. */
export interface World {
  keys: Keys;
  admin: Customer;
  /** A customer whom nothing belongs to. */
  other: Customer;
  /** A product that there is more than enough of. */
  productId: string;
  /** Sends a call to an instance, or to the first one of a service. */
  send(name: string, call: Call): Promise<Answer>;
  /** The same, for what must go well, perhaps as a customer. @returns the body */
  // biome-ignore lint/suspicious/noExplicitAny: what the services answer has no type here
  must(name: string, call: Call, as?: Customer): Promise<any>;
  register(): Promise<Customer>;
  close(): Promise<void>;
}

export function newAccount() {
  const name = crypto.randomUUID();
  return { email: `${name}@meshmart.example`, password: `the password of ${name}`, name };
}

/** Keys for a store that is yet to start. One of them was retired a moment ago. */
export function prepareKeys(layout: Layout): Keys {
  const at = (ms: number) => new Date(Date.now() + ms);
  const retired = { ...makeSigningKey(at(-3_600_000)), publishedUntil: at(-1000).toISOString() };
  const current = makeSigningKey(at(-1000));
  makeStateFolders(layout);
  writeKeysFile(signingKeysFileIn(layout.secrets), [retired, current]);
  return { current, retired };
}

export async function createWorld(store: RunningStore, keys: Keys): Promise<World> {
  const lines = new Map<string, Line>();
  for (const { name, service, appSocket } of (await store.status()).instances) {
    const line = openLine(`http://${service}`, { socketPath: appSocket });
    lines.set(name, line);
    if (!lines.has(service)) lines.set(service, line);
  }
  const send = (name: string, call: Call) => (lines.get(name) as Line).send(call);
  const must: World['must'] = async (name, call, as) => {
    const headers = { ...call.headers, ...(as ? { authorization: `Bearer ${as.token}` } : {}) };
    const { status, text } = await send(name, { ...call, headers });
    if (status >= 300) throw new Error(`${call.method} ${call.path} of ${name} answered ${status}: ${text}`);
    return text && JSON.parse(text);
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
  const [{ id: productId }] = (await must('product', { method: 'GET', path: '/products?limit=1' })).items;
  const path = `/products/${productId}`;
  const { etag } = (await send('product', { method: 'GET', path })).headers;
  const headers = { 'if-match': String(etag) };
  await must('product', { method: 'PATCH', path, headers, body: { stockDelta: 100_000 } }, admin);
  return {
    keys,
    admin,
    other: await register(),
    productId,
    send,
    must,
    register,
    close: async () => void (await Promise.all([...new Set(lines.values())].map((line) => line.close()))),
  };
}
