import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { UserError } from '@meshmart/terminal/user-error';

/**
 * Below the ports that Linux and macOS assign to outgoing connections, which could otherwise occupy a chosen
 * port.
 */
const RANGE = { from: 20_000, to: 30_000 };

/**
 * Checks that a port of 127.0.0.1 can be used.
 *
 * @param command the command that accepts `--port`, for the message
 * @throws UserError that suggests another port
 */
export async function assertPortFree(port: number, command = './meshmart start'): Promise<void> {
  const problem = await tryPort(port);
  if (problem === 'EADDRINUSE') {
    throw new UserError(
      `Port ${port} is in use by another program; choose another one: ${command} --port ${port + 1}`,
    );
  }
  if (problem === 'EACCES') {
    throw new UserError(
      `Port ${port} needs more rights than you have; choose one above 1023: ${command} --port 8080`,
    );
  }
  if (problem) throw new UserError(`Port ${port} of 127.0.0.1 cannot be used: ${problem}`);
}

/**
 * Returns free ports of 127.0.0.1. The search begins at a random port, so two platforms starting together
 * rarely collide.
 *
 * @param reserved ports to leave out
 * @throws an Error when fewer than `count` of 1,000 ports are free
 */
export async function findFreePorts(count: number, reserved: number[] = []): Promise<number[]> {
  const start = randomInt(RANGE.from, RANGE.to - 1000);
  const ports: number[] = [];
  for (let port = start; ports.length < count; port++) {
    if (port >= start + 1000) throw new Error(`there are no ${count} free ports from ${start} on`);
    if (!reserved.includes(port) && (await tryPort(port)) === undefined) ports.push(port);
  }
  return ports;
}

/** Tries to listen on a port. Returns the error code, or undefined on success. */
function tryPort(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
