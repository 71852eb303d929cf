import { expect, test } from 'vitest';
import { boundWork } from '../src/users/bound-work.ts';

const refusal = new Error('too busy');
const start = (waitMs: number) => boundWork({ atOnce: 1, waiting: 2, waitMs, refuse: () => refusal });

test('runs tasks one after the other, and refuses a task if the queue is full', async () => {
  const bounded = start(60_000);
  const done: number[] = [];
  const work = (n: number) => bounded(async () => void done.push(n));
  const outcomes = await Promise.allSettled([1, 2, 3, 4].map(work));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
  expect(done).toEqual([1, 2, 3]);
});

test('refuses a task that has waited too long, frees its place, and never runs it', async () => {
  const bounded = start(10);
  const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
  const first = bounded(() => isOver);
  const done: string[] = [];
  const late = ['late', 'later'].map((name) => bounded(async () => void done.push(name)));
  for (const one of late) await expect(one).rejects.toBe(refusal);
  const next = bounded(async () => 'in time');
  end();
  await first;
  expect([await next, done]).toEqual(['in time', []]);
});
