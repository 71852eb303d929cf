import { commonProblem } from '@meshmart/service/problems';
import type { FastifyRequest } from 'fastify';

/**
 * Refuses a form that another site has sent. The cookies are not sent along with it anyway, but a login is a form that needs
 * none. Browsers say by Sec-Fetch-Site (W3C Fetch Metadata) where a request comes from; whatever says nothing is no browser.
 */
export async function refuseForeignForms({ method, headers }: FastifyRequest): Promise<void> {
  const site = headers['sec-fetch-site'];
  if (method === 'POST' && site !== undefined && site !== 'same-origin') throw commonProblem('forbidden');
}
