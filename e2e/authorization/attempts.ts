import { join } from 'node:path';
import { readTopology } from '@meshmart/store-client/topology';
import { config } from '@meshmart/toolchain/config';
import type { Attempts, MakeAttempt, PeerCalls } from './attempts/attempt.ts';
import { operated } from './attempts/operated.ts';
import type { Route } from './running-routes.ts';

interface ServiceAttempts {
  attempts: Attempts;
  calls?: PeerCalls;
}

const { services } = await readTopology(join(config.root, 'topology.yaml'));
const modules = Object.keys(services).map(
  async (name) => [name, (await import(`./attempts/${name}.ts`)) as ServiceAttempts] as const,
);
const own = new Map(await Promise.all(modules));

/**
 * The routes that each service calls on each peer, by `caller → callee`. The gateway may also call the routes for
 * people. The mesh denies all others.
 */
export const peerCalls: Record<string, string[]> = Object.fromEntries(
  [...own].flatMap(([caller, { calls = {} }]) =>
    Object.entries(calls).map(([callee, routes]) => [`${caller} → ${callee}`, routes]),
  ),
);

/** Returns the attempts for the routes of a service. */
export function attemptsOf(service: string): Attempts {
  return { ...operated, ...own.get(service)?.attempts };
}

/** Returns the key of a route's attempt. HEAD shares that of GET. */
export function keyOf({ method, url }: Route): string {
  return `${method === 'HEAD' ? 'GET' : method} ${url}`;
}

export function findAttempt(service: string, route: Route): MakeAttempt {
  const make = attemptsOf(service)[keyOf(route)];
  if (!make) throw new Error(`there is no attempt for ${keyOf(route)} of ${service}`);
  return make;
}
