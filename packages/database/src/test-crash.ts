import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startEmbedded } from './test-server-embedded.ts';

interface CrashingServer {
  /** URL of a superuser. */
  adminUrl: string;
  /** Ends all connections and loses all commits that were not flushed. Resolves after the recovery. */
  crash(): Promise<void>;
  stop(): Promise<unknown>;
}

/**
 * Starts an embedded PostgreSQL for a test to crash. Its WAL writer is frozen: the log is flushed only by a COMMIT that
 * waits for it. Killing the WAL writer sends the whole server into crash recovery.
 */
export async function startCrashingServer(): Promise<CrashingServer> {
  const { adminUrl, stop } = await startEmbedded();
  let walWriter = await freezeWalWriter(adminUrl);
  return {
    adminUrl,
    async crash() {
      process.kill(walWriter, 'SIGKILL');
      walWriter = await freezeWalWriter(adminUrl, walWriter);
    },
    stop() {
      process.kill(walWriter, 'SIGCONT');
      return stop();
    },
  };
}

/** @returns the process id, which differs from `last` */
async function freezeWalWriter(adminUrl: string, last?: number): Promise<number> {
  for (;;) {
    const client = new pg.Client({ connectionString: adminUrl });
    client.on('error', () => {});
    try {
      await client.connect();
      const query = `SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'`;
      const pid: number | undefined = (await client.query(query)).rows[0]?.pid;
      if (pid !== undefined && pid !== last) {
        process.kill(pid, 'SIGSTOP');
        return pid;
      }
    } catch {
      // it is not up yet
    } finally {
      await client.end().catch(() => {});
    }
    await sleep(20);
  }
}
