import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { listenForInterruption } from '../src/interruption.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal);
});

test('counts one Ctrl-C that arrives from the terminal and from npm once', () => {
  const { stop, force } = listenForInterruption();
  process.emit('SIGINT', 'SIGINT');
  process.emit('SIGINT', 'SIGINT');
  expect([stop.aborted, stop.reason, force.aborted]).toEqual([true, 'SIGINT', false]);
});

test('a second Ctrl-C forces', () => {
  const { force } = listenForInterruption();
  process.emit('SIGINT', 'SIGINT');
  vi.advanceTimersByTime(1500);
  process.emit('SIGINT', 'SIGINT');
  expect(force.aborted).toBe(true);
});
