import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { PlatformStatus } from '../src/control/client.ts';

export interface FakePlatform extends AsyncDisposable {
  controlSocket: string;
  /** Every call to the control socket that changes something: `PUT istio.yaml`, `DELETE`. */
  calls: string[];
  status: PlatformStatus;
}

/**
 * Starts a control socket and one product instance's own socket. A PUT that names the file `refuse` gets 422.
 */
export async function startFakePlatform(folder: string, refuse?: string): Promise<FakePlatform> {
  const calls: string[] = [];
  const controlSocket = join(folder, 'control.sock');
  const appSocket = join(folder, 'app.sock');
  const adminSocket = join(folder, 'no-such-admin.sock');
  const faultsSocket = join(folder, 'no-such.faults');
  const sockets = { appSocket, faultsSocket, adminSocket };
  const product = { service: 'product', state: 'ready' as const, inboundPort: 1, ...sockets };
  const status: PlatformStatus = {
    gatewayUrl: 'http://127.0.0.1:1',
    instances: [{ ...product, name: 'product-v1-1', version: 'v1' }],
    gateway: { adminSocket },
  };
  let scrapes = 0;
  const app = createServer((_request, response) => {
    scrapes += 100;
    response.end(
      `requests_by_peer_total{peer="gateway",x="1"} ${scrapes}\nrequests_by_peer_total{peer="none"} 5\n`,
    );
  });
  const control = createServer(async (request, response) => {
    const body = JSON.parse((await request.setEncoding('utf8').toArray()).join('') || '{}');
    response.setHeader('content-type', 'application/json');
    if (request.method === 'GET') return response.end(JSON.stringify(status));
    const files = (body.files ?? []).map((file: string) => file.split('/').at(-1));
    calls.push([request.method, ...files].join(' '));
    if (refuse && files.includes(refuse)) {
      response.statusCode = 422;
      return response.end(JSON.stringify({ message: `${refuse}:3: unknown field spec.htp` }));
    }
    return response.end(
      JSON.stringify({ tookMs: 1, warnings: files.map((file: string) => `${file} is odd`) }),
    );
  });
  await Promise.all([listen(control, controlSocket), listen(app, appSocket)]);
  return {
    controlSocket,
    calls,
    status,
    [Symbol.asyncDispose]: async () => {
      for (const server of [control, app]) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve) => server.listen(path, resolve));
}
