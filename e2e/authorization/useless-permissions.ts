import { readResources } from '@meshmart/local-mesh/resources';
import { STANDING_RESOURCES } from '@meshmart/local-platform/mesh';
import type { Route, RunningApp } from './running-routes.ts';
import { harmlessCall } from './through-mesh.ts';

/** Finds permissions of the standing policies that match no route. @returns a line for each */
export async function findUselessPermissions(apps: RunningApp[]): Promise<string[]> {
  const { authorizationPolicies } = await readResources([STANDING_RESOURCES]);
  return apps.flatMap(({ service, routes }) => {
    const policy = authorizationPolicies.find(({ name }) => name === service);
    const operations =
      policy?.spec.rules?.flatMap(({ to = [] }) => to.map(({ operation }) => operation)) ?? [];
    const permissions = operations.flatMap(({ methods = [], paths = [] }) =>
      methods.flatMap((method) => paths.map((pattern) => ({ method, pattern }))),
    );
    return permissions
      .filter(({ method, pattern }) => !routes.some((route) => isFor(route, method, pattern)))
      .map(({ method, pattern }) => `${method} ${pattern} of ${service}`);
  });
}

function isFor(route: Route, method: string, pattern: string): boolean {
  const { path } = harmlessCall(route);
  const isMatch = pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
  return route.access !== 'operator' && route.method === method && isMatch;
}
