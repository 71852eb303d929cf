import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { UserError } from '@meshmart/terminal/user-error';

/** Below the ports that Linux and macOS hand out for outgoing connections, one of which could otherwise sit on ours. */
const RANGE = { from: 20_000, to: 30_000 };

/**
 * @param command the line that takes another port as an option
 * @throws UserError when the gateway cannot have its port, naming the way out
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
 * Starts at random, so that two platforms that start at the same time hardly ever choose the same ones.
 *
 * @param reserved free ports that the caller needs for something else
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

/** @returns the code of what stands in the way */
function tryPort(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
