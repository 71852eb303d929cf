import type { Call } from '../calls.ts';
import type { Customer, World } from '../world.ts';

/** A valid request for a route, without the route's method. */
export interface Attempt extends Omit<Call, 'method'> {
  /** Status of the response to a caller who may send it. */
  status: number;
  /** The owner of the requested object, if it has one. */
  owner?: Customer;
  /** Text that only the owner may find in the response. */
  mark?: string;
  /** Responses to other customers, if these are neither 404 nor the same for an object of their own. */
  others?: { customer: string; admin: string };
  /** Reads what the request would change, as the owner. */
  look?: () => Promise<unknown>;
}

/** Creates all objects that the request needs, anew each time. */
export type MakeAttempt = (world: World) => Promise<Attempt>;

/** Attempts by method and registered path. */
export type Attempts = Record<string, MakeAttempt>;

/** Routes that a service calls, by callee, with the method. */
export type PeerCalls = Record<string, string[]>;

export const plain =
  (path: string, status = 200): MakeAttempt =>
  async () => ({ path, status });
