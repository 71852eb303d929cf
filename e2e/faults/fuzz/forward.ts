import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

/** Forwards a port of 127.0.0.1 to a Unix socket, for programs that cannot connect to one. */
export async function forwardTo(path: string): Promise<{ port: number; close(): void }> {
  const server = createServer((client) => {
    const service = connect(path);
    client.on('error', () => service.destroy());
    service.on('error', () => client.destroy());
    client.pipe(service).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}
