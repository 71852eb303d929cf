import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { assertPortFree, findFreePorts } from '../src/ports.ts';

async function occupy(port: number, host?: string): Promise<void> {
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
}

test.each(['127.0.0.1', '0.0.0.0', undefined])(
  'refuses a port that is taken on %s, and names the way out',
  async (host) => {
    const [port = 0] = await findFreePorts(1);
    await assertPortFree(port);
    await occupy(port, host);
    await expect(assertPortFree(port)).rejects.toThrow(
      `Port ${port} is in use by another program; choose another one: ./meshmart start --port ${port + 1}`,
    );
  },
);

test('leaves out reserved ports', async () => {
  const odd = Array.from({ length: 5000 }, (_, i) => 20_001 + 2 * i);
  const ports = await findFreePorts(20, odd);
  expect(ports).toHaveLength(20);
  expect(ports.filter((port) => odd.includes(port))).toEqual([]);
});

test('finds distinct free ports below those for outgoing connections', async () => {
  const ports = await findFreePorts(20);
  expect(new Set(ports).size).toBe(20);
  for (const port of ports) {
    expect(port).toBeLessThan(32_768);
    await assertPortFree(port);
  }
});
