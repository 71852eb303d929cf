import { expect, test } from 'vitest';
import { readSickness, setSickness } from '../src/sickness.ts';
import { startSickService } from './sick-service.ts';

test('makes a service sick, and well again', async () => {
  const socket = await startSickService();
  const sick = { errorRate: 0.3, delayMs: 200, delayRate: 1, dropAfterCommitRate: 0 };
  expect(await setSickness(socket, { errorRate: 0.3, delayMs: 200 })).toEqual(sick);
  expect(await readSickness(socket)).toEqual(sick);
  expect(await setSickness(socket, {})).toEqual({
    errorRate: 0,
    delayMs: 0,
    delayRate: 1,
    dropAfterCommitRate: 0,
  });
});

test('names what the service refuses, and says when there is no service', async () => {
  const socket = await startSickService();
  await expect(setSickness(socket, { errorRate: 30 })).rejects.toThrow('/body/errorRate must be <= 1');
  await expect(setSickness(`${socket}.other`, {})).rejects.toThrow('ENOENT');
});
