import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import { actUnderLoad } from '../src/act-under-load.ts';
import type { Action } from '../src/experiment.ts';
import type { Target } from '../src/target.ts';
import { createFakeKube } from './on-cluster/fake-kube.ts';

let done: string[];
const summary = { http_reqs: { values: { count: 3 } } };
const never = new AbortController().signal;

beforeEach(() => {
  done = [];
});

function actionThat(run: Action['run']): Action {
  return { run, undo: async ({ signal }) => void done.push(signal.aborted ? 'undo too late' : 'undo') };
}

const kube = createFakeKube();

function run(action: Action, send: Parameters<typeof actUnderLoad>[2], signal = never) {
  const target = { kube } as unknown as Target;
  const log = (line: string) => void done.push(line);
  return actUnderLoad(action, { target, phase: 'observe', rounds: 2, log, signal }, send);
}

/** A load that never ends by itself. */
async function sendUntilEnough({ enough }: { enough?: AbortSignal }, signal: AbortSignal) {
  done.push('load');
  await sleep(600_000, undefined, { signal: AbortSignal.any([enough ?? never, signal]) }).catch(() => {});
  signal.throwIfAborted();
  return summary;
}

test('undoes what an earlier run left, acts under load, ends the load, and undoes the action', async () => {
  const action = actionThat(async ({ phase, rounds, log }) => {
    log(`act in ${phase}, ${rounds} times`);
    return { drifts: 2 };
  });
  expect(await run(action, sendUntilEnough)).toEqual({ summary, reported: { drifts: 2 } });
  expect(done).toEqual(['undo', 'load', 'act in observe, 2 times', 'undo']);
});

test('ends the load and undoes the action when it fails', async () => {
  const action = actionThat(() => Promise.reject(new Error('no such Deployment')));
  await expect(run(action, sendUntilEnough)).rejects.toThrow('no such Deployment');
  expect(done).toEqual(['undo', 'load', 'undo']);
});

test('fails when the load ends before the action', async () => {
  const action = actionThat(async ({ signal }) => {
    await sleep(600_000, undefined, { signal });
    return {};
  });
  await expect(run(action, async () => summary)).rejects.toThrow('the load ended before `action`');
  expect(done).toEqual(['undo', 'undo']);
});

test('undoes the action when the run is interrupted', async () => {
  const interruption = new AbortController();
  const action = actionThat(async ({ signal }) => {
    interruption.abort(new Error('interrupted by SIGINT'));
    signal.throwIfAborted();
    return {};
  });
  await expect(run(action, sendUntilEnough, interruption.signal)).rejects.toThrow('interrupted by SIGINT');
  expect(done).toEqual(['undo', 'load', 'undo']);
});
