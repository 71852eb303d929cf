import { expect, test } from 'vitest';
import { readFaults, setFaults } from '../src/faults.ts';
import { startFaultyService } from './faulty-service.ts';

test('sets the faults of a service, and clears them', async () => {
  const socket = await startFaultyService();
  const faulty = { errorRate: 0.3, delayMs: 200, delayRate: 1, dropAfterCommitRate: 0 };
  expect(await setFaults(socket, { errorRate: 0.3, delayMs: 200 })).toEqual(faulty);
  expect(await readFaults(socket)).toEqual(faulty);
  expect(await setFaults(socket, {})).toEqual({
    errorRate: 0,
    delayMs: 0,
    delayRate: 1,
    dropAfterCommitRate: 0,
  });
});

test('names the refused value, and a missing service', async () => {
  const socket = await startFaultyService();
  await expect(setFaults(socket, { errorRate: 30 })).rejects.toThrow('/body/errorRate must be <= 1');
  await expect(setFaults(`${socket}.other`, {})).rejects.toThrow('ENOENT');
});
