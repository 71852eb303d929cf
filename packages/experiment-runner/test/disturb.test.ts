import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Control, PlatformStatus } from '@meshmart/local-platform/control/client';
import { identify, type ProcessIdentity } from '@meshmart/processes/process-identity';
import { MAX_DEATHS } from '@meshmart/processes/restart-policy';
import { writeRunRecord } from '@meshmart/processes/run-record';
import { eventually } from '@meshmart/test-support/eventually';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { expect, onTestFinished, test } from 'vitest';
import { disturb } from '../src/disturb.ts';
import { localTarget } from '../src/on-local/target.ts';

const names = ['payment-v1-1', 'payment-v1-2', 'user-v1-1'];
/** Parts of a local target that a disturbance does not use. */
const unused = {
  k6: '',
  failed: new AbortController().signal,
  readAdmin: () => Promise.reject(new Error('not asked for')),
  end: async () => {},
};
const faulty = { errorRate: 0.1, delayMs: 0, delayRate: 1, dropAfterCommitRate: 0 };
const noFaults = { errorRate: 0, delayMs: 0, delayRate: 1, dropAfterCommitRate: 0 };

/**
 * Starts three instances that only die and restart, each with the socket that sets its faults. An instance in
 * `starting` is not ready. An error in `failures` makes the next request for the status reject with it.
 */
async function setUp() {
  const directory = temporaryFolder();
  const processes = new Map<string, ChildProcess>();
  const health = new Map<string, object>();
  const deaths: string[] = [];
  const starting = new Set<string>();
  const failures: Error[] = [];
  const record = () =>
    writeRunRecord(
      directory,
      [...processes].flatMap(([name, { pid = 0 }]) => {
        const identity = identify(pid);
        return identity ? [{ ...identity, name, stopSignal: 'SIGTERM' as const }] : [];
      }),
    );
  const start = async (name: string) => {
    const child = spawn('sleep', ['100'], { detached: true, stdio: 'ignore' });
    processes.set(name, child);
    health.set(name, noFaults); // a new process has no faults
    await once(child, 'spawn');
    child.once('exit', () => {
      deaths.push(name);
      if (processes.has(name)) void restart(name);
    });
  };
  const restart = async (name: string) => {
    starting.add(name);
    await start(name);
    record();
    starting.delete(name);
  };
  for (const name of names) await start(name);
  record();
  onTestFinished(() => {
    const running = [...processes.values()];
    processes.clear();
    for (const child of running) child.kill('SIGKILL');
  });
  for (const name of names) {
    const server = createServer(async (request, response) => {
      const body = JSON.parse((await request.setEncoding('utf8').toArray()).join(''));
      health.set(name, { ...noFaults, ...body });
      response.end(JSON.stringify(health.get(name)));
    });
    server.listen(join(directory, name));
    onTestFinished(() => void server.close());
  }
  const instances = () =>
    names.map((name) => ({
      name,
      service: name.split('-')[0] as string,
      state: starting.has(name) ? ('starting' as const) : ('ready' as const),
      faultsSocket: join(directory, name),
    }));
  const status = async () => {
    const failure = failures.shift();
    if (failure) throw failure;
    return { instances: instances() } as PlatformStatus;
  };
  const warnings: string[] = [];
  const context = (seed: number) => ({
    target: localTarget({ control: { status } as Control, directory, ...unused }),
    seed,
    signal: new AbortController().signal,
    warn: (line: string) => warnings.push(line),
  });
  /** Lists the instances whose processes are stopped, and not dead. */
  const listFrozen = () => {
    const stateOf = ({ pid }: ChildProcess) =>
      execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
    return names.filter((name) => stateOf(processes.get(name) as ChildProcess).startsWith('T'));
  };
  return { directory, health, deaths, starting, failures, context, warnings, listFrozen };
}

const disturbance = { faults: { payment: faulty }, kills: { instances: names, everyS: 0.2 } };

test('sets faults and kills while the work runs, and clears the faults afterwards', async () => {
  const { health, deaths, context, warnings } = await setUp();
  const { result, kills } = await disturb(disturbance, context(1), async () => {
    expect(names.map((name) => health.get(name))).toEqual([faulty, faulty, noFaults]);
    await eventually(() => deaths.some((name) => name.startsWith('payment')), 10_000);
    await eventually(() => names.slice(0, 2).every((name) => health.get(name) !== noFaults));
    return 'done';
  });
  expect(result).toBe('done');
  await eventually(() => deaths.length === kills);
  expect(names.map((name) => health.get(name))).toEqual([noFaults, noFaults, noFaults]);
  expect(warnings).toEqual([]);
});

test('sets the faults of one instance and not of its service, and kills none by default', async () => {
  const { health, deaths, context } = await setUp();
  const { kills } = await disturb({ faults: { 'payment-v1-2': faulty } }, context(1), async () => {
    expect(names.map((name) => health.get(name))).toEqual([noFaults, faulty, noFaults]);
  });
  expect({ kills, deaths }).toEqual({ kills: 0, deaths: [] });
  expect(names.map((name) => health.get(name))).toEqual([noFaults, noFaults, noFaults]);
});

test('sets faults after a while, and never when the work ends first', async () => {
  const { health, context } = await setUp();
  const late = (faultsAfterS: number) => ({ faults: { 'user-v1-1': faulty }, faultsAfterS });
  await disturb(late(0.3), context(1), async () => {
    expect(health.get('user-v1-1')).toBe(noFaults);
    await eventually(() => health.get('user-v1-1') !== noFaults);
  });
  await disturb(late(60), context(1), async () => {});
  expect(health.get('user-v1-1')).toEqual(noFaults);
});

test('freezes one instance at a time, and resumes it after a while and at the end', async () => {
  const { deaths, context, listFrozen } = await setUp();
  const freezes = { instances: names, everyS: 0.05, forS: 0.3 };
  const seen: string[][] = [];
  const { freezes: count } = await disturb({ faults: {}, freezes }, context(1), async () => {
    await eventually(() => {
      seen.push(listFrozen());
      return new Set(seen.flat()).size >= 2;
    }, 10_000);
    await eventually(() => listFrozen().length > 0, 10_000);
  });
  expect(Math.max(...seen.map(({ length }) => length))).toBe(1);
  expect(count).toBeGreaterThanOrEqual(2);
  expect({ frozen: listFrozen(), deaths }).toEqual({ frozen: [], deaths: [] });
});

test('resumes a frozen instance when the work fails', async () => {
  const { context, listFrozen } = await setUp();
  const freezes = { instances: names, everyS: 0.05, forS: 60 };
  const failing = disturb({ faults: {}, freezes }, context(1), async () => {
    await eventually(() => listFrozen().length > 0, 10_000);
    throw new Error('interrupted by SIGINT');
  });
  await expect(failing).rejects.toThrow('interrupted by SIGINT');
  expect(listFrozen()).toEqual([]);
});

test('a seed chooses the instances to kill', async () => {
  const killed = async (seed: number) => {
    const { deaths, context } = await setUp();
    await disturb(disturbance, context(seed), () => eventually(() => deaths.length >= 4, 10_000));
    return deaths.slice(0, 4);
  };
  const [first, again, other] = [await killed(7), await killed(7), await killed(9)];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});

test('spares an instance that the supervisor would give up, and all while one is starting', async () => {
  const { deaths, starting, context } = await setUp();
  const kills = { instances: ['user-v1-1'], everyS: 0.05 };
  const most = MAX_DEATHS - 2;
  await disturb({ faults: {}, kills }, context(1), async () => {
    await eventually(() => deaths.length === most, 10_000);
    await sleep(500);
  });
  expect(deaths.length).toBe(most);
  starting.add('payment-v1-1');
  await disturb({ faults: {}, kills: { instances: names, everyS: 0.05 } }, context(1), async () => {
    await sleep(500);
    starting.clear();
  });
  expect(deaths.length).toBe(most);
});

test('does not count a kill of a dead process that is still in the record', async () => {
  const { directory, context } = await setUp();
  const dead = spawn('sleep', ['100'], { detached: true, stdio: 'ignore' });
  const identity = identify(dead.pid as number) as ProcessIdentity;
  dead.kill('SIGKILL');
  await once(dead, 'exit');
  writeRunRecord(directory, [{ ...identity, name: 'user-v1-1', stopSignal: 'SIGTERM' }]);
  const disturbance = { faults: {}, kills: { instances: ['user-v1-1'], everyS: 0.05 } };
  const { kills } = await disturb(disturbance, context(1), () => sleep(500));
  expect(kills).toBe(0);
});

test('ends the work, clears all faults and gives the reason when the disturbance fails', async () => {
  const { health, failures, context } = await setUp();
  const until = (signal: AbortSignal) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const broken = disturb(disturbance, context(1), (signal) => {
    failures.push(new Error('the target does not answer'));
    return until(signal);
  });
  await expect(broken).rejects.toThrow('the target does not answer');
  expect(names.map((name) => health.get(name))).toEqual([noFaults, noFaults, noFaults]);
});

test('clears all faults and gives the reason when the work fails', async () => {
  const { health, context } = await setUp();
  const failing = disturb(disturbance, context(1), () => Promise.reject(new Error('interrupted by SIGINT')));
  await expect(failing).rejects.toThrow('interrupted by SIGINT');
  expect(names.map((name) => health.get(name))).toEqual([noFaults, noFaults, noFaults]);
});
