import pg from 'pg';

export interface PoolOptions {
  /** The most connections that it opens. */
  connections?: number;
  /** A statement waits so long for a connection of the pool, or for a lock. In all it may take twice as long. */
  waitMs?: number;
}

/** So many stay open, ready for a burst: opening one costs several times as much as a statement. */
const KEPT_OPEN = 3;
const IDLE_MS = 60_000;
/** On a busy machine a connection takes seconds to open. Cut off sooner, it would have to begin again, and none would ever open. */
const OPENING_MS = 10_000;

/**
 * A pool of one service's connections. By default every wait is shorter than the 3 s that a peer's caller waits; whoever gives up
 * the wait for a connection leaves it to the next one. The server ends a transaction that does nothing for 5 s, so that a frozen
 * process cannot keep its row locks.
 */
export class Pool extends pg.Pool {
  readonly #waitMs: number;

  constructor(databaseUrl: string, { connections = 10, waitMs = 1000 }: PoolOptions = {}) {
    super({
      connectionString: databaseUrl,
      max: connections,
      min: Math.min(KEPT_OPEN, connections),
      connectionTimeoutMillis: Math.max(OPENING_MS, waitMs),
      idleTimeoutMillis: IDLE_MS,
      lock_timeout: waitMs,
      statement_timeout: 2 * waitMs,
      idle_in_transaction_session_timeout: 5000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      // Prisma's adapter reads the server's local time as UTC, whatever offset comes with it. By its keepalive the server notices
      // after 25 s that a client's machine is gone.
      options:
        '-c TimeZone=UTC -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3',
    });
    this.#waitMs = waitMs;
    this.on('error', () => {}); // an idle connection broke; another one is opened when it is needed
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    const connected = this.#connectInTime();
    if (!callback) return connected;
    connected.then(
      (client) => callback(undefined, client, client.release),
      (error) => callback(error, undefined, () => {}),
    );
  }

  /** Opens connections until there are as many as stay open. @throws when the server refuses, or takes too long */
  async fill(): Promise<void> {
    const { min = 0 } = this.options;
    if (this.totalCount >= min) return;
    const clients = await Promise.allSettled(Array.from({ length: min }, () => this.connect()));
    for (const client of clients) if (client.status === 'fulfilled') client.value.release();
    for (const client of clients) if (client.status === 'rejected') throw client.reason;
  }

  async #connectInTime(): Promise<pg.PoolClient> {
    const connected = super.connect();
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      reject(new Error('timeout exceeded when trying to connect')); // in the words of pg-pool
      connected.then(
        (client) => client.release(),
        () => {},
      );
    }, this.#waitMs);
    return Promise.race([connected, late]).finally(() => clearTimeout(timer));
  }
}

type ConnectCallback = NonNullable<Parameters<pg.Pool['connect']>[0]>;
