import { join } from 'node:path';
import { createApp } from '@meshmart/service/app';
import { readConfig, serviceConfig } from '@meshmart/service/config';
import Type from 'typebox';
import { expect, onTestFinished, test } from 'vitest';
import { readSickness, setSickness } from '../src/sickness.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** @returns the socket over which a service is made sick */
async function startService(): Promise<string> {
  const socket = join(temporaryFolder(), 'product.sick');
  const config = readConfig(Type.Object(serviceConfig), { LOG_LEVEL: 'silent', SICKNESS_SOCKET: socket });
  const app = await createApp({ name: 'product', description: 'A stand-in.', config });
  onTestFinished(() => app.close());
  await app.ready();
  return socket;
}

test('makes a service sick, and well again', async () => {
  const socket = await startService();
  const sick = { errorRate: 0.3, delayMs: 200, dropAfterCommitRate: 0 };
  expect(await setSickness(socket, { errorRate: 0.3, delayMs: 200 })).toEqual(sick);
  expect(await readSickness(socket)).toEqual(sick);
  expect(await setSickness(socket, {})).toEqual({ errorRate: 0, delayMs: 0, dropAfterCommitRate: 0 });
});

test('names what the service refuses, and says when there is no service', async () => {
  const socket = await startService();
  await expect(setSickness(socket, { errorRate: 30 })).rejects.toThrow('/body/errorRate must be <= 1');
  await expect(setSickness(`${socket}.other`, {})).rejects.toThrow('ENOENT');
});
