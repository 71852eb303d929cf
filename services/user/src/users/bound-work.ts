export interface Bounds {
  /** How many pieces of work are done at once. */
  atOnce: number;
  /** How many more may wait for their turn. */
  waiting: number;
  /** How long each of them may wait at most. */
  waitMs: number;
  /** Makes the error for work that finds as many waiting, or has waited too long. */
  refuse(): Error;
}

/** Makes a function that does pieces of work in the order in which they came, few at once, and refuses what is too much. */
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
        next(); // which takes over the place
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
