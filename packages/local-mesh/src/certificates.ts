import { webcrypto } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { type EnvoyMessage, typed } from './envoy.ts';
import { secretFile } from './files.ts';
import { ROOT_SECRET, WORKLOAD_SECRET } from './mutual-tls.ts';
import { discoveryResponse, writeFileAtomically } from './xds-file.ts';

/** A certificate authority that lives in a folder. */
export interface Authority {
  /** PEM of the root certificate. */
  rootCertificate: string;
  /**
   * Writes the SDS files of one proxy to `<directory>/<proxy.name>/`; leaves them when more than half of their life is left.
   * To be called before the proxy starts, and now and then afterwards: running proxies take a new certificate by themselves.
   * @returns whether a new certificate was issued.
   */
  issueSecrets(proxy: { name: string; spiffeId: string }, directory: string): Promise<boolean>;
}

const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNING_ALGORITHM = { name: 'ECDSA', hash: 'SHA-256' };
const HOUR_MS = 3_600_000;
/** Istio's own lifetimes: DEFAULT_WORKLOAD_CERT_TTL and CITADEL_SELF_SIGNED_CA_CERT_TTL. */
const WORKLOAD_LIFETIME_MS = 24 * HOUR_MS;
const ROOT_LIFETIME_MS = 10 * 365 * 24 * HOUR_MS;
/** A clock that is a little late must not find the certificate too young. Istio's ClockSkewGracePeriod. */
const CLOCK_SKEW_MS = 2 * 60_000;

x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);

/** Opens the authority in `directory`, creating key (0600) and root certificate when they are missing or expired. */
export async function createAuthority(directory: string): Promise<Authority> {
  const root = (await openRoot(directory)) ?? (await makeRoot(directory));
  const rootCertificate = root.certificate.toString('pem');

  async function issueSecrets(
    proxy: { name: string; spiffeId: string },
    xdsDirectory: string,
  ): Promise<boolean> {
    const workloadFile = secretFile(xdsDirectory, proxy.name, WORKLOAD_SECRET);
    const issued = await readIssued(workloadFile);
    if (issued && (await isFresh(issued, proxy.spiffeId, root.certificate))) return false;
    const { chain, privateKey } = await issue(root, proxy.spiffeId);
    await mkdir(join(xdsDirectory, proxy.name), { recursive: true, mode: 0o700 });
    await writeSecret(secretFile(xdsDirectory, proxy.name, ROOT_SECRET), ROOT_SECRET, {
      validation_context: { trusted_ca: { inline_string: rootCertificate } },
    });
    await writeSecret(workloadFile, WORKLOAD_SECRET, {
      tls_certificate: {
        certificate_chain: { inline_string: chain },
        private_key: { inline_string: privateKey },
      },
    });
    return true;
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
    // Missing or unreadable: what it signed is issued anew, so a new one costs nothing.
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

async function issue(root: Root, spiffeId: string): Promise<{ chain: string; privateKey: string }> {
  const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: '',
    issuer: root.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: root.privateKey,
    signingAlgorithm: SIGNING_ALGORITHM,
    notBefore: new Date(Date.now() - CLOCK_SKEW_MS),
    notAfter: new Date(Date.now() + WORKLOAD_LIFETIME_MS),
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
      // RFC 5280 wants the name critical when the subject is empty, and SPIFFE wants the one URI there.
      new x509.SubjectAlternativeNameExtension([{ type: 'url', value: spiffeId }], true),
      await x509.AuthorityKeyIdentifierExtension.create(root.certificate),
    ],
  });
  return { chain: certificate.toString('pem'), privateKey: await exportKey(keys.privateKey) };
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

async function readIssued(file: string): Promise<x509.X509Certificate | undefined> {
  try {
    const { resources } = JSON.parse(await readFile(file, 'utf8'));
    return new x509.X509Certificate(resources[0].tls_certificate.certificate_chain.inline_string);
  } catch {
    // Missing or unreadable: it is issued anew.
    return undefined;
  }
}

async function isFresh(
  issued: x509.X509Certificate,
  spiffeId: string,
  root: x509.X509Certificate,
): Promise<boolean> {
  const names = issued.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
  return (
    issued.notAfter.getTime() - Date.now() > WORKLOAD_LIFETIME_MS / 2 &&
    names.some(({ value }) => value === spiffeId) &&
    (await issued.verify({ publicKey: root.publicKey, signatureOnly: true }))
  );
}

async function writeSecret(file: string, name: string, secret: EnvoyMessage): Promise<void> {
  const resource = typed('envoy.extensions.transport_sockets.tls.v3.Secret', { name, ...secret });
  await writeFileAtomically(file, discoveryResponse([resource]).text);
}
