import { commonProblem } from '@meshmart/service/problems';
import type { FastifyRequest } from 'fastify';

/**
 * Refuses a form that another site has sent. The cookies are not sent along with it anyway, but a login is a form that needs
 * none. Browsers say by Sec-Fetch-Site (W3C Fetch Metadata) where a request comes from, and without TLS by Origin alone;
 * whatever says neither is no browser.
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
