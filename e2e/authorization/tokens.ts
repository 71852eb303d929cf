import { createHmac, createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto';
import { ACCESS_TOKEN_LIFETIME_S, TOKEN_AUDIENCE, TOKEN_ISSUER } from '@meshmart/service/config';
import { makeSigningKey, type SigningKey } from '@meshmart/user/keys-file';

/** Keys of the user service: the one that signs, and one that is no longer published. */
export interface Keys {
  current: SigningKey;
  retired: SigningKey;
}

/** The subject of a token. */
export interface Subject {
  id: string;
  role: 'customer' | 'admin';
}

type Members = Record<string, unknown>;
type Signer = (input: Buffer) => Buffer;

/** Signs a token like the user service's, with some claims replaced; `undefined` omits a claim. */
function makeToken(subject: Subject, key: SigningKey, other: { header?: Members; claims?: Members } = {}) {
  return encodeToken(
    { ...headerOf(key), ...other.header },
    { ...claimsOf(subject), ...other.claims },
    signerOf(key),
  );
}

/** Signs a valid token that claims to be issued in one minute: services check the expiry, not the time of issue. */
export function makeGoodToken({ current }: Keys, subject: Subject): string {
  return makeToken(subject, current, { claims: { iat: nowS() + 60 } });
}

/** Signs tokens for a real subject, each with one flaw. */
export function makeBadTokens({ current, retired }: Keys, subject: Subject): Record<string, string> {
  const stranger = makeSigningKey(new Date());
  const good = (other: { header?: Members; claims?: Members }) => makeToken(subject, current, other);
  const signedBy = (signer: Signer, header: Members = {}) =>
    encodeToken({ ...headerOf(current), ...header }, claimsOf(subject), signer);
  const [, , signature] = makeToken({ ...subject, id: crypto.randomUUID() }, current).split('.');
  const publicKey = publicKeyOf(current);
  const publicJwk = publicKey.export({ format: 'jwk' });
  const strangersJwk = publicKeyOf(stranger).export({ format: 'jwk' });
  return {
    'expired a second ago': good({ claims: { exp: nowS() - 1 } }),
    'without an end': good({ claims: { exp: undefined } }),
    'that begins in a minute': good({ claims: { nbf: nowS() + 60 } }),
    'of another issuer': good({ claims: { iss: 'https://elsewhere.example' } }),
    'of no issuer': good({ claims: { iss: undefined } }),
    'for another audience': good({ claims: { aud: 'elsewhere' } }),
    'for no audience': good({ claims: { aud: undefined } }),
    'of nobody': good({ claims: { sub: undefined } }),
    'with an extension that nobody knows (crit)': good({ header: { crit: ['meshmart'], meshmart: 1 } }),
    'with an unencoded payload (b64)': good({ header: { crit: ['b64'], b64: false } }),
    'of another type': good({ header: { typ: 'JWT' } }),
    'of no type': good({ header: { typ: undefined } }),
    'signed by a retired key': makeToken(subject, retired),
    'signed by an unknown key': makeToken(subject, stranger),
    'signed by another key under the id of ours': signedBy(signerOf(stranger)),
    'that brings its own key (jwk)': signedBy(signerOf(stranger), { jwk: strangersJwk, kid: undefined }),
    'that says where its key is (jku)': signedBy(signerOf(stranger), {
      jku: 'http://127.0.0.1:9/',
      kid: stranger.kid,
    }),
    'with the signature of another token': [...good({}).split('.').slice(0, 2), signature].join('.'),
    'with a signature of zeros': signedBy(() => Buffer.alloc(64)),
    'with alg none': signedBy(() => Buffer.alloc(0), { alg: 'none' }),
    'with alg none and a signature': signedBy(() => randomBytes(64), { alg: 'none' }),
    'with HS256 and our public key as PEM': signedBy(
      hmacWith(publicKey.export({ format: 'pem', type: 'spki' })),
      { alg: 'HS256' },
    ),
    'with HS256 and our public key as JWK': signedBy(hmacWith(JSON.stringify(publicJwk)), { alg: 'HS256' }),
    'with HS256 and no key': signedBy(hmacWith(''), { alg: 'HS256' }),
  };
}

const nowS = () => Math.floor(Date.now() / 1000);

const headerOf = ({ kid }: SigningKey): Members => ({ alg: 'ES256', kid, typ: 'at+jwt' });

function claimsOf({ id, role }: Subject): Members {
  const iat = nowS();
  const exp = iat + ACCESS_TOKEN_LIFETIME_S;
  return { sub: id, role, iss: TOKEN_ISSUER, aud: TOKEN_AUDIENCE, iat, exp };
}

function encodeToken(header: Members, claims: Members, signer: Signer): string {
  const [head, body] = [header, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  return `${head}.${body}.${signer(Buffer.from(`${head}.${body}`)).toString('base64url')}`;
}

const publicKeyOf = (key: SigningKey) => createPublicKey({ key: { ...key }, format: 'jwk' });

function signerOf(key: SigningKey): Signer {
  const privateKey = createPrivateKey({ key: { ...key }, format: 'jwk' });
  return (input) => sign('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' });
}

const hmacWith =
  (secret: string | Buffer): Signer =>
  (input) =>
    createHmac('sha256', secret).update(input).digest();
