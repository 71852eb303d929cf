import type { Sickness } from '@meshmart/service/sickness';
import { requestOverSocket } from './control/client.ts';

export type { Sickness };

/** @param socket an instance's `sicknessSocket`, as the platform's status names it */
export async function readSickness(socket: string): Promise<Sickness> {
  return JSON.parse(await requestOverSocket(socket, '/sickness'));
}

/**
 * Makes one instance sick from its next request on, until this is called again or the instance ends: it starts anew well.
 *
 * @param socket an instance's `sicknessSocket`, as the platform's status names it
 * @param sickness what is missing is as in a well one, so that `{}` makes it well
 * @returns the sickness that it has now
 * @throws an Error naming the value that is out of range, or ENOENT or ECONNREFUSED while the instance is down
 */
export async function setSickness(socket: string, sickness: Partial<Sickness>): Promise<Sickness> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify(sickness);
  return JSON.parse(await requestOverSocket(socket, '/sickness', { method: 'PUT', headers, body }));
}
