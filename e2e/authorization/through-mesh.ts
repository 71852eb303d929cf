import { type Call, type Line, servedBy } from './calls.ts';
import type { Route } from './running-routes.ts';

/** Returns a request for a route that has no effect: its id does not exist, and it has no token. */
export function harmlessCall({ method, url }: Route): Call {
  const path = url.replace(/:\w+/g, '019bb200-0000-7000-8000-000000000000').replace('*', 'nothing');
  return { method, path };
}

/**
 * Tells how far a call gets: `let in` by the service, `denied` by its sidecar, `no route` at the gateway, `cut` for a
 * closed connection, or the response.
 */
export async function reach(line: Line, service: string, call: Call): Promise<string> {
  const answer = await line.send(call).catch((error) => error as Error & { code?: string });
  if (answer instanceof Error) return isCut(answer) ? 'cut' : answer.message;
  const by = servedBy(answer);
  if (by === service) return 'let in';
  if (by === undefined && answer.status === 403) return 'denied';
  if (by === undefined && answer.status === 404) return 'no route';
  return `${answer.status} by ${by ?? 'a proxy'}`;
}

function isCut({ code = '' }: { code?: string }): boolean {
  return code === 'ECONNRESET' || code === 'UND_ERR_SOCKET' || code.startsWith('ERR_SSL_');
}

/** Returns a manifest whose gateway routes to the service in the header `x-to`. */
export function openDoors(services: string[]): string {
  const routes = services.map(
    (service) => `
    - match: [{ headers: { x-to: { exact: ${service} } } }]
      route: [{ destination: { host: ${service} } }]`,
  );
  return `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: store }
spec:
  hosts: ["*"]
  gateways: [store]
  http:${routes.join('')}
`;
}
