export interface Bounds {
  /** Maximum number of tasks that run at once. */
  atOnce: number;
  /** Maximum number of tasks that wait. */
  waiting: number;
  /** Longest wait of a task. */
  waitMs: number;
  /** Creates the error for a task that finds a full queue or has waited too long. */
  refuse(): Error;
}

/** Returns a function that runs tasks in order with bounded concurrency and a bounded queue. */
export function boundWork({ atOnce, waiting, waitMs, refuse }: Bounds) {
  const queue: (() => void)[] = [];
  let running = 0;

  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running < atOnce) running++;
    else if (queue.length < waiting) await waitForTurn();
    else throw refuse();
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next)
        next(); // the next one takes over the slot
      else running--;
    }
  };

  function waitForTurn(): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = setTimeout(() => {
        queue.splice(queue.indexOf(begin), 1);
        reject(refuse());
      }, waitMs);
      const begin = () => {
        clearTimeout(giveUp);
        resolve();
      };
      queue.push(begin);
    });
  }
}
