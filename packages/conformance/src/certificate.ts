import { X509Certificate } from 'node:crypto';
import type { Json } from './dump.ts';

const DAY_MS = 86_400_000;
const pemBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Describes the first certificate of a PEM chain: subject, issuer, key, lifetime and uses.
 * @throws when there is none
 */
export function describeCertificate(pem: string): Json {
  const [first = ''] = pem.match(pemBlock) ?? [];
  const certificate = new X509Certificate(first);
  const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
  const { namedCurve, modulusLength } = asymmetricKeyDetails ?? {};
  const lifetimeMs = certificate.validToDate.getTime() - certificate.validFromDate.getTime();
  return {
    subject: certificate.subject ?? '',
    issuer: certificate.issuer,
    alternativeNames: certificate.subjectAltName ?? '',
    key: `${asymmetricKeyType} ${namedCurve ?? modulusLength}`,
    isAuthority: certificate.ca,
    uses: certificate.keyUsage ?? [],
    lifetimeDays: Math.round(lifetimeMs / DAY_MS),
  };
}
