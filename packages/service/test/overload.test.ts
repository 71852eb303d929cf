import { expect, test } from 'vitest';
import type { App } from '../src/app.ts';
import { startApp } from './helper.ts';

test('an overloaded process refuses requests, but serves probes', async () => {
  const addRoutes = (it: App) =>
    void it.get('/work', { config: { access: 'anonymous' } }, async () => ({ done: true }));
  const app = await startApp(addRoutes, { MAX_EVENT_LOOP_DELAY_MS: 1000 });
  // Block the event loop until a sample of the mean delay, taken once a second, exceeds the limit.
  const statuses = new Set<number>();
  for (let round = 0; round < 20 && !statuses.has(503); round++) {
    const until = performance.now() + 2500;
    while (performance.now() < until);
    await new Promise(setImmediate);
    const { statusCode, headers } = await app.inject('/work');
    statuses.add(statusCode);
    if (statusCode === 503) expect(headers['retry-after']).toBe('2');
    expect((await app.inject('/health/live')).statusCode).toBe(200);
  }
  expect(statuses).toContain(503);
});
