import { statSync } from 'node:fs';
import { type CryptoKey, calculateJwkThumbprint, errors, importJWK, type JWTVerifyGetKey } from 'jose';
import { endsAt, findSigning, makeSigningKey, readKeysFile, type SigningKey } from './keys-file.ts';

type PublicKey = Record<'kty' | 'crv' | 'x' | 'y' | 'alg' | 'use' | 'kid', string>;

/** The signing keys at the time of each call. */
export interface SigningKeys {
  /** Returns the key for new tokens, with its key id. */
  signing(): { privateKey: CryptoKey; keyId: string };
  /** Returns the public JWK set at /.well-known/jwks.json. */
  published(): PublicKey[];
  /** Finds the key of a token, without a call over the network. */
  verifyKeys: JWTVerifyGetKey;
  /** Reads the file again if it has changed. @throws if the file is invalid; the keys stay as they were */
  reload(): Promise<void>;
}

interface LoadedKey extends SigningKey {
  privateKey: CryptoKey;
  publicKey: CryptoKey;
  publicJwk: PublicKey;
}

/** Reads the keys file of `keys-file.ts`. @throws if it is unreadable, invalid or has no key that signs now */
export async function readSigningKeys(path: string): Promise<SigningKeys> {
  let seen = '';
  let keys: LoadedKey[] = [];
  const reload = async () => {
    const { mtimeNs, ino } = statSync(path, { bigint: true });
    const version = `${mtimeNs}/${ino}`;
    if (version === seen) return;
    keys = await loadKeys(readKeysFile(path));
    seen = version;
  };
  await reload();
  return toSigningKeys(() => keys, reload);
}

/** Creates a set of one new key without a file. */
export async function createSigningKeys(): Promise<SigningKeys> {
  const keys = await loadKeys([makeSigningKey(new Date())]);
  return toSigningKeys(
    () => keys,
    async () => {},
  );
}

function toSigningKeys(current: () => LoadedKey[], reload: () => Promise<void>): SigningKeys {
  const published = () => current().filter((key) => endsAt(key) > Date.now());
  return {
    signing() {
      const key = findSigning(current(), Date.now());
      if (!key) throw new Error('no key of the signing keys file signs now');
      return { privateKey: key.privateKey, keyId: key.publicJwk.kid };
    },
    published: () => published().map(({ publicJwk }) => publicJwk),
    verifyKeys: async ({ kid }) => {
      const key = published().find(({ publicJwk }) => publicJwk.kid === kid);
      if (!key) throw new errors.JWKSNoMatchingKey();
      return key.publicKey;
    },
    reload,
  };
}

async function loadKeys(keys: SigningKey[]): Promise<LoadedKey[]> {
  const loaded = await Promise.all(keys.map(loadKey));
  if (!findSigning(loaded, Date.now())) throw new Error('no key of the signing keys file signs now');
  return loaded;
}

async function loadKey(key: SigningKey): Promise<LoadedKey> {
  // Copy the public members by name, so that no private one is published.
  const { kty, crv, x, y, d } = key;
  const kid = await calculateJwkThumbprint({ kty, crv, x, y });
  const [privateKey, publicKey] = await Promise.all(
    [
      { kty, crv, x, y, d },
      { kty, crv, x, y },
    ].map((jwk) => importJWK(jwk, 'ES256')),
  );
  const publicJwk = { kty, crv, x, y, alg: 'ES256', use: 'sig', kid };
  return { ...key, privateKey: privateKey as CryptoKey, publicKey: publicKey as CryptoKey, publicJwk };
}
