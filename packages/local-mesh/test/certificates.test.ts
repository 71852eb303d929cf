import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createAuthority } from '../src/certificates.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'authority-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(directory, { recursive: true });
});

const product = { name: 'product-v1-1', spiffeId: 'spiffe://cluster.local/ns/meshmart/sa/product' };
const xds = () => join(directory, 'xds');
const secretOf = (name: string) => {
  const file = join(xds(), product.name, `sds-${name}.json`);
  return { file, resource: JSON.parse(readFileSync(file, 'utf8')).resources[0] };
};
const certificateOf = () =>
  new X509Certificate(secretOf('default').resource.tls_certificate.certificate_chain.inline_string);

it('issues a certificate for the SPIFFE id, signed by the root that peers are told', async () => {
  const authority = await createAuthority(join(directory, 'ca'));
  expect(await authority.issueSecrets(product, xds())).toBe(true);
  const certificate = certificateOf();
  const root = new X509Certificate(secretOf('ROOTCA').resource.validation_context.trusted_ca.inline_string);
  expect(certificate.subjectAltName).toBe(`URI:${product.spiffeId}`);
  expect(certificate.verify(root.publicKey)).toBe(true);
  expect(root.toString().trim()).toBe(authority.rootCertificate.trim());
  expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
  expect((Date.parse(certificate.validTo) - Date.now()) / 3_600_000).toBeCloseTo(24, 1);
});

it('keeps every key to its owner', async () => {
  await (await createAuthority(join(directory, 'ca'))).issueSecrets(product, xds());
  for (const file of [join(directory, 'ca', 'ca-key.pem'), secretOf('default').file]) {
    expect(statSync(file).mode & 0o777).toBe(0o600);
  }
});

it('uses root and certificate again while they are valid', async () => {
  const first = await createAuthority(join(directory, 'ca'));
  await first.issueSecrets(product, xds());
  const again = await createAuthority(join(directory, 'ca'));
  expect(again.rootCertificate).toBe(first.rootCertificate);
  expect(await again.issueSecrets(product, xds())).toBe(false);
});

it.each([
  [
    'half of its life is over',
    () => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 12.1 * 3_600_000 }),
    product,
  ],
  [
    'the identity is another',
    () => undefined,
    { ...product, spiffeId: 'spiffe://cluster.local/ns/meshmart/sa/other' },
  ],
  ['the file is broken', () => writeFileSync(secretOf('default').file, '{'), product],
  ['the root is gone', () => rmSync(join(directory, 'ca'), { recursive: true }), product],
])('issues anew when %s', async (_, change, proxy) => {
  await (await createAuthority(join(directory, 'ca'))).issueSecrets(product, xds());
  change();
  expect(await (await createAuthority(join(directory, 'ca'))).issueSecrets(proxy, xds())).toBe(true);
  expect(certificateOf().subjectAltName).toBe(`URI:${proxy.spiffeId}`);
});
