import { join } from 'node:path';
import type { Secret } from '@meshmart/local-mesh/certificates';
import { WORKLOAD_SECRET } from '@meshmart/local-mesh/mutual-tls';
import { requestOverSocket } from '@meshmart/local-platform/control/client';

/** A certificate and its key, in PEM. */
export interface Identity {
  cert: string;
  key: string;
}

/** Reads the identity of a proxy of a running store. @param directory the run folder */
export async function readIdentity(directory: string, proxy: string): Promise<Identity> {
  const body = JSON.stringify({ node: { id: `${proxy}.meshmart` }, resource_names: [WORKLOAD_SECRET] });
  const path = '/v3/discovery:secrets';
  const answer = await requestOverSocket(join(directory, 'xds.sock'), path, { method: 'POST', body });
  return toIdentity(JSON.parse(answer).resources);
}

export function toIdentity(secrets: Secret[]): Identity {
  const certificate = secrets.find(({ name }) => name === WORKLOAD_SECRET)?.tls_certificate;
  if (!certificate) throw new Error('there is no certificate among the secrets');
  return {
    cert: certificate.certificate_chain.inline_string,
    key: certificate.private_key.inline_string,
  };
}
