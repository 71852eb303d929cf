import { type Call, type Line, servedBy } from './calls.ts';
import type { Route } from './running-routes.ts';

/** A request of this route that does nothing, whoever sends it: nothing has that id, and nobody is named. */
export function harmlessCall({ method, url }: Route): Call {
  const path = url.replace(/:\w+/g, '019bb200-0000-7000-8000-000000000000').replace('*', 'nothing');
  return { method, path };
}

/**
 * How far a call to a service comes: `let in` by it, `denied` by its sidecar, `no route` at the gateway, `cut` with the
 * connection, or what else there was.
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

/** A gateway that leads wherever the header `x-to` says. */
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
