import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { addBackgroundJob } from '../src/background-job.ts';
import { startApp } from './helper.ts';

test('a slow run is followed by one pause, not by the missed runs', async () => {
  const turns: number[] = [];
  const app = await startApp((it) =>
    addBackgroundJob(it, { name: 'a test', everyMs: 50 }, async () => {
      turns.push(performance.now());
      if (turns.length === 1) await sleep(600);
    }),
  );
  await app.listen({ host: '127.0.0.1', port: 0 });
  while (turns.length < 6) await sleep(20);
  const pausesMs = turns.slice(2).map((turn, i) => turn - (turns[i + 1] as number));
  for (const pauseMs of pausesMs) expect(pauseMs).toBeGreaterThan(45);
});
