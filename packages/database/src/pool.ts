import pg from 'pg';

interface PoolOptions {
  /** The maximum number of connections. */
  connections?: number;
  /** The longest wait for a connection or a lock, in milliseconds. A statement may take twice as long in all. */
  waitMs?: number;
}

/** Connections that stay open for bursts, since opening one costs several times as much as a statement. */
const KEPT_OPEN = 3;
const IDLE_MS = 60_000;
/** Long, because on a busy machine a connection takes seconds to open. With a short limit none would ever open. */
const OPENING_MS = 10_000;

/**
 * A pool of connections to one service's database. By default every wait is shorter than the 3 s deadline of a peer
 * call. A connection that opens after its caller gave up goes to the next caller. The server aborts a transaction that
 * is idle for 5 s, so that a frozen process does not keep its row locks.
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
      // UTC, because Prisma's adapter ignores the offset of a time. With these keepalives the server notices after 25 s
      // that a client's machine is gone.
      options:
        '-c TimeZone=UTC -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3',
    });
    this.#waitMs = waitMs;
    this.on('error', () => {}); // an idle connection broke; the pool opens another when needed
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

  /** Opens the connections that stay open. @throws if the server refuses or takes too long */
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
      reject(new Error('timeout exceeded when trying to connect')); // pg-pool's own message
      connected.then(
        (client) => client.release(),
        () => {},
      );
    }, this.#waitMs);
    return Promise.race([connected, late]).finally(() => clearTimeout(timer));
  }
}

type ConnectCallback = NonNullable<Parameters<pg.Pool['connect']>[0]>;
