import { webcrypto } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { NamedMessage } from './envoy.ts';
import { ROOT_SECRET, WORKLOAD_SECRET } from './mutual-tls.ts';

/** A secret of a proxy: its certificate with the key, or the root certificate by which it verifies peers. */
export interface Secret extends NamedMessage {
  tls_certificate?: { certificate_chain: InlineString; private_key: InlineString };
  validation_context?: { trusted_ca: InlineString };
}

interface InlineString {
  inline_string: string;
}

/** A certificate authority whose key is in a folder. */
interface Authority {
  /** PEM of the root certificate. */
  rootCertificate: string;
  /**
   * Issues a certificate and its key.
   *
   * @param lifetimeMs 24 h by default
   * @returns a proxy's secrets, root certificate included
   */
  issueSecrets(spiffeId: string, lifetimeMs?: number): Promise<Secret[]>;
}

const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNING_ALGORITHM = { name: 'ECDSA', hash: 'SHA-256' };
const HOUR_MS = 3_600_000;
/**
 * Equals DEFAULT_WORKLOAD_CERT_TTL.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/bootstrap/istio_ca.go#L89
 */
export const WORKLOAD_LIFETIME_MS = 24 * HOUR_MS;
/**
 * Equals CITADEL_SELF_SIGNED_CA_CERT_TTL.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/bootstrap/istio_ca.go#L98
 */
const ROOT_LIFETIME_MS = 10 * 365 * 24 * HOUR_MS;
/**
 * Backdates certificates, for proxies whose clocks are late.
 * https://github.com/istio/istio/blob/eed52ebb66ad/security/pkg/pki/util/generate_cert.go#L285
 */
const CLOCK_SKEW_MS = 2 * 60_000;

x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);

/**
 * Opens the authority in `directory`. Creates its key (mode 0600) and root certificate when they are missing,
 * unreadable or about to expire.
 */
export async function createAuthority(directory: string): Promise<Authority> {
  const root = (await openRoot(directory)) ?? (await makeRoot(directory));
  const rootCertificate = root.certificate.toString('pem');

  async function issueSecrets(spiffeId: string, lifetimeMs = WORKLOAD_LIFETIME_MS): Promise<Secret[]> {
    const { chain, privateKey } = await issue(root, spiffeId, lifetimeMs);
    return [
      { name: ROOT_SECRET, validation_context: { trusted_ca: { inline_string: rootCertificate } } },
      {
        name: WORKLOAD_SECRET,
        tls_certificate: {
          certificate_chain: { inline_string: chain },
          private_key: { inline_string: privateKey },
        },
      },
    ];
  }

  return { rootCertificate, issueSecrets };
}

interface Root {
  certificate: x509.X509Certificate;
  privateKey: webcrypto.CryptoKey;
}

const certificateFile = (directory: string) => join(directory, 'root-cert.pem');
const keyFile = (directory: string) => join(directory, 'ca-key.pem');

async function openRoot(directory: string): Promise<Root | undefined> {
  try {
    const certificate = new x509.X509Certificate(await readFile(certificateFile(directory), 'utf8'));
    const key = x509.PemConverter.decodeFirst(await readFile(keyFile(directory), 'utf8'));
    if (certificate.notAfter.getTime() - Date.now() < WORKLOAD_LIFETIME_MS) return undefined;
    const privateKey = await webcrypto.subtle.importKey('pkcs8', key, KEY_ALGORITHM, false, ['sign']);
    return { certificate, privateKey };
  } catch {
    // Its certificates last for one run only, so replacing it costs nothing.
    return undefined;
  }
}

async function makeRoot(directory: string): Promise<Root> {
  const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'O=Meshmart local mesh',
    keys,
    signingAlgorithm: SIGNING_ALGORITHM,
    notBefore: new Date(Date.now() - CLOCK_SKEW_MS),
    notAfter: new Date(Date.now() + ROOT_LIFETIME_MS),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFileAtomically(keyFile(directory), await exportKey(keys.privateKey));
  await writeFileAtomically(certificateFile(directory), certificate.toString('pem'));
  return { certificate, privateKey: keys.privateKey };
}

async function issue(
  root: Root,
  spiffeId: string,
  lifetimeMs: number,
): Promise<{ chain: string; privateKey: string }> {
  const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: '',
    issuer: root.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: root.privateKey,
    signingAlgorithm: SIGNING_ALGORITHM,
    notBefore: new Date(Date.now() - CLOCK_SKEW_MS),
    notAfter: new Date(Date.now() + lifetimeMs),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment,
        true,
      ),
      new x509.ExtendedKeyUsageExtension([
        x509.ExtendedKeyUsage.serverAuth,
        x509.ExtendedKeyUsage.clientAuth,
      ]),
      // RFC 5280 requires this name to be critical when the subject is empty, and SPIFFE requires one URI.
      new x509.SubjectAlternativeNameExtension([{ type: 'url', value: spiffeId }], true),
      await x509.AuthorityKeyIdentifierExtension.create(root.certificate),
    ],
  });
  return { chain: certificate.toString('pem'), privateKey: await exportKey(keys.privateKey) };
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

/** Writes a file (mode 0600) in one step, so that readers never see half of it. */
async function writeFileAtomically(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
