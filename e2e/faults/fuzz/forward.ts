import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

/** Lets a program that knows no Unix sockets reach one: what it sends to the port of 127.0.0.1 goes there. */
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
