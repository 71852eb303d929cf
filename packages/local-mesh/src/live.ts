import { setTimeout as sleep } from 'node:timers/promises';
import { readAdmin, readStats } from './admin.ts';
import { readRejection } from './rejection.ts';

/** A proxy refused what was written; the message carries its name and Envoy's own reason. */
export class RejectedUpdateError extends Error {
  override readonly name = 'RejectedUpdateError';
  readonly proxy: string;

  constructor(proxy: string, reason: string) {
    super(`${proxy}: Envoy refused the configuration: ${reason}`);
    this.proxy = proxy;
  }
}

/** A version that a proxy has to show; `name` is that of the route configuration. */
export interface Expected {
  proxy: string;
  type: 'clusters' | 'listeners' | 'routes';
  name?: string;
  version: string;
}

export interface Watch {
  /**
   * Resolves when every running proxy shows every expected version and nothing of it is still warming up.
   * @throws RejectedUpdateError as soon as a proxy refuses something.
   */
  untilLive(expected: Expected[]): Promise<void>;
}

const POLL_INTERVAL_MS = 10;
const TIMEOUT_MS = 10_000;
const STATS = '(version_text|update_rejected|warming_clusters|total_listeners_warming)$';

/** What a connection ends with when there is no proxy, or no longer one; a proxy that is only slow is none of these. */
const GONE = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE']);

type Stats = Record<string, string>;

/** Notes what the proxies have refused so far; to be called before anything is written. */
export async function watchProxies(adminSockets: Map<string, string>): Promise<Watch> {
  const running = new Map<string, { adminSocket: string; before: Stats }>();
  await Promise.all(
    [...adminSockets].map(async ([proxy, adminSocket]) => {
      const before = await readIfRunning(adminSocket);
      if (before) running.set(proxy, { adminSocket, before });
    }),
  );

  async function untilProxyLive(proxy: string, expected: Expected[]): Promise<void> {
    const target = running.get(proxy);
    if (!target) return;
    const deadline = performance.now() + TIMEOUT_MS;
    while (performance.now() < deadline) {
      const stats = await readIfRunning(target.adminSocket);
      if (!stats) return;
      const refused = findRefused(target.before, stats);
      if (refused) throw new RejectedUpdateError(proxy, await readRejection(target.adminSocket, refused));
      if (isLive(stats, expected)) return;
      await sleep(POLL_INTERVAL_MS);
    }
    throw new Error(`${proxy}: Envoy did not take over the configuration within ${TIMEOUT_MS / 1000} s`);
  }

  return {
    async untilLive(expected) {
      const byProxy = Map.groupBy(expected, ({ proxy }) => proxy);
      await Promise.all([...byProxy].map(([proxy, versions]) => untilProxyLive(proxy, versions)));
    },
  };
}

/** A proxy that is dead or not yet there reads the files when it starts. */
async function readIfRunning(adminSocket: string): Promise<Stats | undefined> {
  try {
    return readStats(await readAdmin(adminSocket, `/stats?filter=${encodeURIComponent(STATS)}`));
  } catch (error) {
    if (GONE.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

function isLive(stats: Stats, expected: Expected[]): boolean {
  const versions = new Map(
    Object.entries(stats)
      .filter(([name]) => name.endsWith('.version_text'))
      .map(([name, value]) => [
        name.replace(/^http\..*;\.rds\./, 'rds.').slice(0, -'.version_text'.length),
        value,
      ]),
  );
  return (
    expected.every((wanted) => versions.get(statOf(wanted)) === wanted.version) &&
    stats['cluster_manager.warming_clusters'] === '0' &&
    stats['listener_manager.total_listeners_warming'] === '0'
  );
}

function statOf({ type, name }: Expected): string {
  if (type === 'clusters') return 'cluster_manager.cds';
  if (type === 'listeners') return 'listener_manager.lds';
  return `rds.${name}`;
}

/** The subscription that has refused more than before, e.g. `listener_manager.lds`. */
function findRefused(before: Stats, now: Stats): string | undefined {
  const suffix = '.update_rejected';
  return Object.keys(now)
    .find((name) => name.endsWith(suffix) && Number(now[name]) > Number(before[name] ?? 0))
    ?.slice(0, -suffix.length);
}
