import { commonProblem } from '@meshmart/service/problems';
import type { FastifyRequest } from 'fastify';

/**
 * Refuses forms of other sites. Browsers send no cookies with them, but a login needs none. The source is in
 * Sec-Fetch-Site (W3C Fetch Metadata), or without TLS only in Origin; clients that send neither are no browsers.
 */
export async function refuseForeignForms({ method, headers }: FastifyRequest): Promise<void> {
  if (method !== 'POST') return;
  const { 'sec-fetch-site': site, origin, host } = headers;
  const isOwn = site === undefined ? origin === undefined || hostOf(origin) === host : site === 'same-origin';
  if (!isOwn) throw commonProblem('forbidden');
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
