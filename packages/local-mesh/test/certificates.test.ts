import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createAuthority } from '../src/certificates.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'authority-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(directory, { recursive: true });
});

const product = 'spiffe://cluster.local/ns/meshmart/sa/product';
const openAuthority = () => createAuthority(join(directory, 'ca'));

async function issue() {
  const secrets = await (await openAuthority()).issueSecrets(product);
  const find = (wanted: string) => secrets.find(({ name }) => name === wanted);
  return {
    certificate: new X509Certificate(find('default')?.tls_certificate?.certificate_chain.inline_string ?? ''),
    root: new X509Certificate(find('ROOTCA')?.validation_context?.trusted_ca.inline_string ?? ''),
  };
}

test('issues a certificate for the SPIFFE id, signed by the root of the peers', async () => {
  const { certificate, root } = await issue();
  expect(certificate.subjectAltName).toBe(`URI:${product}`);
  expect(certificate.verify(root.publicKey)).toBe(true);
  expect(root.toString().trim()).toBe((await openAuthority()).rootCertificate.trim());
  expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
  expect((Date.parse(certificate.validTo) - Date.now()) / 3_600_000).toBeCloseTo(24, 1);
});

test('issues certificates for a given time', async () => {
  const secrets = await (await openAuthority()).issueSecrets(product, 6000);
  const chain = secrets.find(({ name }) => name === 'default')?.tls_certificate?.certificate_chain;
  const { validTo } = new X509Certificate(chain?.inline_string ?? '');
  expect(Math.abs(Date.parse(validTo) - Date.now() - 6000)).toBeLessThan(2000);
});

test("restricts the root's key to its owner", async () => {
  await openAuthority();
  expect(statSync(join(directory, 'ca', 'ca-key.pem')).mode & 0o777).toBe(0o600);
});

test('reuses the root while it is valid', async () => {
  const { rootCertificate } = await openAuthority();
  expect((await openAuthority()).rootCertificate).toBe(rootCertificate);
});

test.each([
  ['is gone', () => rmSync(join(directory, 'ca'), { recursive: true })],
  ['cannot be read', () => writeFileSync(join(directory, 'ca', 'root-cert.pem'), 'half a certif')],
  [
    'is about to expire',
    () => void vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3650 * 86_400_000 }),
  ],
])('creates a new root when it %s', async (_, change) => {
  const { rootCertificate } = await openAuthority();
  change();
  expect((await openAuthority()).rootCertificate).not.toBe(rootCertificate);
});
