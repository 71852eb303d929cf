import type { Call } from '../calls.ts';
import type { Customer, World } from '../world.ts';

/** A request that a route is there for, without the method, which is the route's. */
export interface Attempt extends Omit<Call, 'method'> {
  /** How it is answered to whoever may send it. */
  status: number;
  /** Whose it is, where it is somebody's. */
  owner?: Customer;
  /** What only its owner finds in the answer. */
  mark?: string;
  /** How it is answered to other customers, where that is neither 404 for something of the owner's nor the same of their own. */
  others?: { customer: string; admin: string };
  /** What the request would change, as its owner sees it. */
  look?: () => Promise<unknown>;
}

/** Makes all that the request needs, anew each time. */
export type MakeAttempt = (world: World) => Promise<Attempt>;

/** By method and registered path. */
export type Attempts = Record<string, MakeAttempt>;

/** By callee: the routes of it that a service asks for, with the method. */
export type PeerCalls = Record<string, string[]>;

export const plain =
  (path: string, status = 200): MakeAttempt =>
  async () => ({ path, status });
