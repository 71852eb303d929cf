import type { Faults } from '@meshmart/service/faults';
import { requestOverSocket } from './control/client.ts';

export type { Faults };

/**
 * Reads the faults of one instance.
 *
 * @param socket an instance's `faultsSocket`, from the platform's status
 * @throws an Error with ENOENT or ECONNREFUSED while the instance is down
 */
export async function readFaults(socket: string): Promise<Faults> {
  return JSON.parse(await requestOverSocket(socket, '/faults'));
}

/**
 * Replaces the faults of one instance, from its next request on. A restart of the instance clears them.
 *
 * @param socket an instance's `faultsSocket`, from the platform's status
 * @param faults omitted ones are cleared, so `{}` clears all
 * @returns the faults now in force
 * @throws an Error naming the value that is out of range, or ENOENT or ECONNREFUSED while the instance is
 * down
 */
export async function setFaults(socket: string, faults: Partial<Faults>): Promise<Faults> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify(faults);
  return JSON.parse(await requestOverSocket(socket, '/faults', { method: 'PUT', headers, body }));
}
