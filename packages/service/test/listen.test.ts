import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { listen } from '../src/listen.ts';

test('a thousand connections that arrive before the first accept are all accepted', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'listen-'));
  const app = fastify();
  const path = join(directory, 'app');
  await listen(app, { path });
  // Connecting to a Unix socket is synchronous, so none is accepted before all are connected.
  const sockets = Array.from({ length: 1_000 }, () => connect(path));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await app.close();
    await rm(directory, { recursive: true });
  });
  const connected = await Promise.allSettled(sockets.map((socket) => once(socket, 'connect')));
  const refused = connected.filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(0);
});
