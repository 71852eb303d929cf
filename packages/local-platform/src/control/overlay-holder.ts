import { identify, isAlive, type ProcessIdentity } from '@meshmart/processes/process-identity';

/** Who has put an experiment's files on top of the standing mesh. */
export interface OverlayHolder extends ProcessIdentity {
  experiment: string;
}

/** At most one process at a time holds the overlay, for as long as it lives. */
export class OverlayHeldError extends Error {
  override readonly name = 'OverlayHeldError';

  constructor({ experiment, pid }: OverlayHolder) {
    super(`the experiment ${experiment} is running (pid ${pid}); wait until it has ended`);
  }
}

export interface OverlayLock {
  current(): OverlayHolder | null;
  /** @throws OverlayHeldError when another living process holds it */
  take(pid: number, experiment: string): void;
  /** @throws OverlayHeldError when another living process holds it */
  refuseOthers(pid: number): void;
  /** @throws OverlayHeldError when another living process holds it */
  release(pid: number): void;
  /** Whether the holder has died without releasing it. */
  isOrphaned(): boolean;
}

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
