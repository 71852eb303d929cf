import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@meshmart/test-support/eventually';
import { type CrashStore, type Lane, serviceNames } from './crash-store.ts';
import { crashHeader, type PointReport, type PointRequest } from './points.ts';
import type { ServiceName, ServiceProcess } from './service-process.ts';
import { type Answer, createShopper, type Shopper, untilAnswered } from './shopper.ts';

const deathTimeoutMs = 10_000;
/** Longer than the claim of a worker on an order, so that another worker takes the order over. */
const freezeMs = 24_000;
/** Longer than an order may take, so that a failure states how late the order was. */
const patienceMs = 300_000;

/** An action of a customer during which a service dies or freezes. */
export interface Flow {
  name: string;
  paymentToken: string;
  /** Runs before the action. The lane's order service may die during it. */
  prepare?(lane: Lane, shopper: Shopper): Promise<void>;
  act(shopper: Shopper, headers?: Record<string, string>): Promise<Answer>;
}

/** A death or freeze of a service at a point of a flow, before or after the work at that point. */
export interface Cell {
  flow: Flow;
  service: ServiceName;
  point: number;
  what: string;
  when: 'before' | 'after';
  freezes: boolean;
}

export function describeCell({ flow, service, point, what, when, freezes }: Cell): string {
  return `${flow.name}: ${service} ${freezes ? 'freezes' : 'dies'} ${when} ${what} (its point ${point})`;
}

const place: Flow['act'] = (shopper, headers) => shopper.place(headers);
const cancel: Flow['act'] = (shopper, headers) => shopper.cancel(headers);

export const ordering: Flow = { name: 'an order', paymentToken: 'tok_approved', act: place };

/** Returns all flows. @param confirming the order service's point at which the payment is authorised, not captured */
export function makeFlows(confirming: number): Flow[] {
  return [
    ordering,
    { name: 'a declined order', paymentToken: 'tok_declined', act: place },
    {
      name: 'cancelling an order, with a refund',
      paymentToken: 'tok_approved',
      async prepare(_, shopper) {
        await untilAnswered(shopper.place, patienceMs);
        await shopper.waitForEnd(patienceMs);
      },
      act: cancel,
    },
    {
      name: 'cancelling an order before its money is taken',
      paymentToken: 'tok_approved',
      async prepare(lane, shopper) {
        const { process } = lane;
        const dying = process('order');
        const flow = `${shopper.log.key}, prepared`;
        await shopper.place(headersOf({ flow, service: 'order', point: confirming, when: 'before' }));
        if ((await waitForDeath(dying)) !== 'none') await lane.restart('order');
      },
      act: cancel,
    },
  ];
}

/**
 * Runs a flow without a death, until its response is final. If a peer misses its deadline, the response is not final
 * and the work has not passed every point, so the flow runs again with a new customer.
 *
 * @returns the points that each service passed
 */
export async function countPoints(store: CrashStore, flow: Flow): Promise<Map<ServiceName, PointReport[]>> {
  const lane = store.lanes[0] as Lane;
  for (let attempt = 1; attempt <= 10; attempt++) {
    const shopper = await makeShopper(store, lane, flow);
    const { key } = shopper.log;
    await flow.prepare?.(lane, shopper);
    const { body } = await flow.act(shopper, headersOf({ flow: key }));
    if (!body || !['confirmed', 'cancelled'].includes(body.status)) continue;
    const pointsOf = (service: ServiceName) => lane.process(service).points(key);
    return new Map(
      serviceNames.map((service) => [service, pointsOf(service).filter(({ when }) => when === 'before')]),
    );
  }
  throw new Error(`${flow.name} never came to its end while its customer waited`);
}

/** Returns the cells of a flow: a death, or a freeze, before and after each point. */
export function makeCells(
  flow: Flow,
  points: Map<ServiceName, PointReport[]>,
  { freezes }: Pick<Cell, 'freezes'>,
): Cell[] {
  return [...points].flatMap(([service, reports]) =>
    reports.flatMap(({ point, what }) =>
      (['before', 'after'] as const).map((when) => ({ flow, service, point, what, when, freezes })),
    ),
  );
}

/** The result of one cell. */
export interface Outcome {
  cell: Cell;
  shopper: Shopper;
  /** The signal by which the service died or froze, and the point that it reported. */
  death: string;
  /** When the service ran again, in ms since the epoch. */
  backAt: number;
  /** The end of the order. */
  end: Promise<{ status: string; endedAt: number }>;
}

/** Tells whether the service was killed or frozen at the intended point. */
export function diedAsClaimed({ cell: { when, what, point, freezes }, death }: Outcome): boolean {
  return death === `${freezes ? 'SIGSTOP' : 'SIGKILL'} ${when} ${what}, point ${point}`;
}

/**
 * Kills and restarts a service, or freezes and continues it. Returns before the customer's order has ended, so that the
 * lane is free for the next cell.
 */
export async function crash(store: CrashStore, lane: Lane, cell: Cell): Promise<Outcome> {
  const { flow, service, point, when, freezes } = cell;
  const shopper = await makeShopper(store, lane, flow);
  const { key } = shopper.log;
  await flow.prepare?.(lane, shopper);
  const dying = lane.process(service);
  const acting = flow.act(shopper, headersOf({ flow: key, service, point, when, freezes }));
  const signal = freezes ? await waitForFreeze(dying) : await acting.then(() => waitForDeath(dying));
  if (signal === 'SIGSTOP') await sleep(freezeMs);
  const last = dying.points(key).at(-1);
  const death = `${signal} ${last?.when} ${last?.what}, point ${last?.point}`;
  if (signal === 'SIGSTOP') dying.thaw();
  else if (signal !== 'none') await lane.restart(service);
  await acting;
  return { cell, shopper, death, backAt: Date.now(), end: goOn(flow, shopper) };
}

function waitForFreeze({ isFrozen }: ServiceProcess): Promise<'SIGSTOP' | 'none'> {
  return eventually(isFrozen, deathTimeoutMs).then(
    () => 'SIGSTOP',
    () => 'none',
  );
}

function waitForDeath({ died }: ServiceProcess): Promise<string | null> {
  return Promise.race([died, sleep(deathTimeoutMs, 'none', { ref: false })]);
}

async function goOn(flow: Flow, shopper: Shopper) {
  await untilAnswered(() => flow.act(shopper), patienceMs);
  const { status } = await shopper.waitForEnd(patienceMs);
  const endedAt = Date.now();
  await untilAnswered(shopper.place, patienceMs); // a repetition must return the same order
  return { status, endedAt };
}

async function makeShopper(store: CrashStore, lane: Lane, { paymentToken }: Flow): Promise<Shopper> {
  const userId = randomUUID();
  return createShopper({
    baseUrl: lane.orderUrl,
    token: await store.signToken(userId),
    key: randomUUID(),
    userId,
    paymentToken,
    items: [{ productId: store.productId, quantity: 2 }],
  });
}

function headersOf(wanted: PointRequest): Record<string, string> {
  return { [crashHeader]: JSON.stringify(wanted) };
}
