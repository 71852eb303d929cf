import type { SubscriptionKey } from './discovery.ts';
import type { NamedMessage } from './envoy.ts';
import { findOrigins } from './origins.ts';
import { type ProxyAccess, RejectedUpdateError, readReason, shorten } from './rejection.ts';
import { untilWarm } from './warm.ts';
import { RefusedVersionError, type XdsServer } from './xds-server.ts';

export { RejectedUpdateError } from './rejection.ts';

export interface Publisher {
  /**
   * Sends a translation, and resolves when it is live in every running proxy. With `lateAfterMs`, slower proxies are
   * not waited for; they receive it with their next request.
   *
   * @returns `tookMs`, the time from the start until it was live
   * @throws RejectedUpdateError when a proxy refuses it, or an Error when one does not apply it within 10 s. In both
   * cases all proxies have their former configuration again
   */
  publish(translation: { proxies: Proxies }, options?: { lateAfterMs?: number }): Promise<{ tookMs: number }>;
  /** Checks the configuration of proxies that started later. @throws RejectedUpdateError when one has refused it */
  assertAccepted(): Promise<void>;
}

/** Resources of each proxy, by its name. */
type Proxies = Map<string, Record<'clusters' | 'listeners' | 'routes', NamedMessage[]>>;
type Step = [key: SubscriptionKey, resources: NamedMessage[]][];

const TIMEOUT_MS = 10_000;
/** The limit for each step back. A hanging proxy receives its former configuration with its next request. */
const BACK_TIMEOUT_MS = 1000;

/** Creates a publisher for an xDS server. It runs its calls one after the other. @param access by proxy name */
export function createPublisher(xds: XdsServer, access: Map<string, ProxyAccess>): Publisher {
  let last: Promise<unknown> = Promise.resolve();
  let live: Proxies = new Map();

  async function take(step: Step, lateAfterMs: number | undefined): Promise<void> {
    const changed = step.filter(([key, resources]) => xds.set(key, resources)).map(([key]) => key);
    const late = await xds.untilAcknowledged(
      step.map(([key]) => key),
      lateAfterMs ?? TIMEOUT_MS,
    );
    const names = new Set(late.map(({ proxy }) => proxy));
    if (late.length > 0 && lateAfterMs === undefined) {
      const seconds = TIMEOUT_MS / 1000;
      throw new Error(`${[...names].join(', ')}: Envoy did not apply the configuration within ${seconds} s`);
    }
    const warming = changed.filter(({ type, proxy }) => type !== 'routes' && !names.has(proxy));
    const sockets = new Set(warming.map(({ proxy }) => access.get(proxy)?.adminSocket ?? ''));
    await Promise.all([...sockets].map((socket) => untilWarm(socket, TIMEOUT_MS)));
  }

  async function publish(proxies: Proxies, lateAfterMs: number | undefined): Promise<number> {
    const startedAt = performance.now();
    const before = live;
    let taken = 0;
    try {
      for (const step of stepsBetween(before, proxies)) {
        await take(step, lateAfterMs);
        taken++;
      }
    } catch (error) {
      const failure = await explain(error, before, proxies).catch((unexplained) => unexplained);
      const back = stepsBetween(taken > 0 ? proxies : before, before);
      for (const step of back) await take(step, BACK_TIMEOUT_MS).catch(() => {});
      throw failure;
    }
    live = proxies;
    return Math.round(performance.now() - startedAt);
  }

  /** Adds reason and origin to a refusal. Returns any other error unchanged. */
  async function explain(error: unknown, before: Proxies, refused: Proxies): Promise<unknown> {
    if (!(error instanceof RefusedVersionError)) return error;
    const { subscription } = error;
    const { proxy } = subscription;
    const refuseAgain = async () => {
      xds.resend(subscription);
      await xds.untilAcknowledged([subscription], TIMEOUT_MS).catch(() => {});
    };
    const reason = await readReason(access.get(proxy) as ProxyAccess, refuseAgain);
    const sent = resourcesOf(refused, subscription);
    const causes = findOrigins(sent, resourcesOf(before, subscription), reason);
    return new RejectedUpdateError(proxy, shorten(reason), causes);
  }

  const enqueue = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };

  return {
    publish: (translation, { lateAfterMs } = {}) =>
      enqueue(async () => ({ tookMs: await publish(translation.proxies, lateAfterMs) })),
    assertAccepted: () =>
      enqueue(async () => {
        const keys = stepsBetween(live, live).flatMap((step) => step.map(([key]) => key));
        await xds.untilAcknowledged(keys, 0).catch(async (error) => {
          throw await explain(error, new Map(), live);
        });
      }),
  };
}

/**
 * Returns the steps from one configuration to another, make before break. A route needs its clusters: therefore the
 * clusters of both configurations come first, then listeners and routes, and at last only the new clusters.
 */
function stepsBetween(before: Proxies, after: Proxies): Step[] {
  const proxies = [...after];
  const missing = (proxy: string, clusters: NamedMessage[]) => {
    const names = new Set(clusters.map(({ name }) => name));
    return (before.get(proxy)?.clusters ?? []).filter(({ name }) => !names.has(name));
  };
  const clustersOf = (proxy: string): SubscriptionKey => ({ proxy, type: 'clusters' });
  return [
    proxies.map(([proxy, { clusters }]) => [clustersOf(proxy), [...clusters, ...missing(proxy, clusters)]]),
    proxies.flatMap(
      ([proxy, { routes, listeners }]): Step => [
        ...routes.map((route): Step[number] => [{ proxy, type: 'routes', name: route.name }, [route]]),
        [{ proxy, type: 'listeners' }, listeners],
      ],
    ),
    proxies.map(([proxy, { clusters }]) => [clustersOf(proxy), clusters]),
  ];
}

function resourcesOf(proxies: Proxies, { proxy, type, name }: SubscriptionKey): NamedMessage[] {
  const config = proxies.get(proxy);
  if (type === 'clusters') return config?.clusters ?? [];
  if (type === 'listeners') return config?.listeners ?? [];
  return config?.routes.filter((route) => route.name === name) ?? [];
}
