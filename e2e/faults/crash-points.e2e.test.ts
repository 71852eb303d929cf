import { findViolations } from '@meshmart/consistency-checker/check';
import { countUnits } from '@meshmart/consistency-checker/stock-invariants';
import { readStoreState } from '@meshmart/consistency-checker/store-state';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import {
  type Cell,
  countPoints,
  crash,
  describeCell,
  diedAsClaimed,
  makeCells,
  makeFlows,
  type Outcome,
  ordering,
} from './crash-cells.ts';
import { type CrashStore, type Lane, startCrashStore } from './crash-store.ts';
import { createRandom, scale } from './scale.ts';
import { endTimeoutMs } from './shopper.ts';

const laneCount = scale(2, 4);
const waveSize = 4 * laneCount;
const limitMs = scale(300_000, 3_600_000);
let store: CrashStore;

beforeAll(async () => {
  store = await startCrashStore(inject('databaseAdminUrl'), laneCount);
});
afterAll(() => store?.stop());

test(
  'every order ends, paid once or not at all, when a service dies or freezes at any commit or call',
  async () => {
    const unitsBefore = countUnits(await readStoreState(store.databases));
    const { deaths, freezes } = await findCells();
    const all = deaths.length;
    const chosen = [
      ...shuffle(freezes).slice(0, scale(2, all)), // these take longest
      ...shuffle(deaths).slice(0, scale(6, all)),
    ];
    console.log(`${chosen.length} deaths and freezes of ${2 * all} possible ones, ${laneCount} at a time`);

    const outcomes: EndedOutcome[] = [];
    while (chosen.length > 0) {
      outcomes.push(...(await crashWave(chosen.splice(0, waveSize))));
      if (chosen.length > 0) console.log(`${chosen.length} are still to come`);
    }
    const clientOrders = outcomes.map(({ shopper }) => shopper.log);
    const state = await readStoreState(store.databases);
    expect(findViolations({ state, clientOrders, unitsBefore })).toEqual([]);

    const slowest = outcomes.reduce((a, b) => (tookMs(a) > tookMs(b) ? a : b));
    const confirmed = outcomes.filter(({ status }) => status === 'confirmed').length;
    console.log(
      `${confirmed} confirmed, ${outcomes.length - confirmed} cancelled; the slowest ended ${tookMs(slowest)} ms after its service was back (${describeCell(slowest.cell)})`,
    );
  },
  limitMs,
);

type EndedOutcome = Outcome & Awaited<Outcome['end']>;

function tookMs({ endedAt, backAt }: EndedOutcome): number {
  return endedAt - backAt;
}

/** Crashes the cells of a wave. Limits count from the last death, which may still delay the orders of other cells. */
async function crashWave(cells: Cell[]): Promise<EndedOutcome[]> {
  const outcomes = await crashAll(cells);
  const done = new Set(outcomes.filter(diedAsClaimed).map(({ cell }) => cell));
  const missed = outcomes.filter(({ cell }) => !done.has(cell));
  expect(missed.map(({ cell, death }) => `${describeCell(cell)}, but it was: ${death}`)).toEqual([]);
  expect(done.size).toBe(cells.length);
  const ended = await Promise.all(outcomes.map(async (outcome) => ({ ...outcome, ...(await outcome.end) })));
  const lastBackAt = Math.max(...ended.map(({ backAt }) => backAt));
  const late = ended.filter(({ endedAt }) => endedAt - lastBackAt > endTimeoutMs);
  expect(late.map(({ cell }) => describeCell(cell))).toEqual([]);
  return ended;
}

async function findCells(): Promise<{ deaths: Cell[]; freezes: Cell[] }> {
  const ordered = (await countPoints(store, ordering)).get('order') ?? [];
  const calls = ordered.map(({ what }) => what).filter((what) => what.includes('/'));
  expect(calls).toEqual([
    'PUT /reservations/:id',
    'POST /payments',
    'POST /reservations/:id/confirm',
    'POST /payments/:id/capture',
  ]);
  const confirming = ordered.find(({ what }) => what === calls[2])?.point as number;
  const cells = { deaths: [] as Cell[], freezes: [] as Cell[] };
  for (const flow of makeFlows(confirming)) {
    const points = await countPoints(store, flow);
    cells.deaths.push(...makeCells(flow, points, { freezes: false }));
    cells.freezes.push(...makeCells(flow, points, { freezes: true }));
  }
  return cells;
}

/** Crashes all cells, one at a time in each lane, while earlier orders are still in progress. */
async function crashAll(cells: Cell[]): Promise<Outcome[]> {
  const waiting = [...cells];
  const outcomes: Outcome[] = [];
  const work = async (lane: Lane) => {
    for (let cell = waiting.shift(); cell; cell = waiting.shift()) {
      outcomes.push(...(await crashAsClaimed(lane, cell)));
    }
  };
  await Promise.all(store.lanes.map(work));
  return outcomes;
}

/** Repeats a cell until its service dies at the intended point: a peer that misses its deadline changes the flow. */
async function crashAsClaimed(lane: Lane, cell: Cell): Promise<Outcome[]> {
  const attempts: Outcome[] = [];
  while (attempts.length < 10 && !attempts.some(diedAsClaimed)) {
    const outcome = await crash(store, lane, cell);
    outcome.end.catch(() => {}); // awaited at the end of the wave
    attempts.push(outcome);
  }
  return attempts;
}

function shuffle<T>(items: T[]): T[] {
  const random = createRandom();
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
