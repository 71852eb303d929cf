import { identify, isAlive, type ProcessIdentity } from '@meshmart/processes/process-identity';

/** The process whose experiment's files lie over the standing mesh. */
export interface OverlayHolder extends ProcessIdentity {
  experiment: string;
}

/** Thrown when another living process holds the overlay. */
export class OverlayHeldError extends Error {
  override readonly name = 'OverlayHeldError';

  constructor({ experiment, pid }: OverlayHolder) {
    super(`the experiment ${experiment} is running (pid ${pid}); wait until it has ended`);
  }
}

interface OverlayLock {
  current(): OverlayHolder | null;
  /** Makes a process the holder. @throws OverlayHeldError */
  take(pid: number, experiment: string): void;
  /** @throws OverlayHeldError when another process than this one holds it */
  refuseOthers(pid: number): void;
  /** @throws OverlayHeldError */
  release(pid: number): void;
  /** Whether the holder has died without releasing it. */
  isOrphaned(): boolean;
}

/** Creates the lock of the overlay: one process at a time holds it, until it releases it or dies. */
export function createOverlayLock(): OverlayLock {
  let holder: OverlayHolder | null = null;
  const refuseOthers = (pid: number) => {
    if (holder && holder.pid !== pid && isAlive(holder)) throw new OverlayHeldError(holder);
  };
  return {
    current: () => holder,
    refuseOthers,
    take(pid, experiment) {
      refuseOthers(pid);
      const identity = identify(pid);
      if (!identity) throw new Error(`there is no process ${pid} that could hold the overlay`);
      holder = { ...identity, experiment };
    },
    release(pid) {
      refuseOthers(pid);
      holder = null;
    },
    isOrphaned: () => holder !== null && !isAlive(holder),
  };
}
