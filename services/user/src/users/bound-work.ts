export interface Bounds {
  /** How many pieces of work are done at once. */
  atOnce: number;
  /** How many more may wait for their turn. */
  waiting: number;
  /** What is thrown when as many wait already. */
  refuse(): Error;
}

/** Makes a function that does pieces of work in the order in which they came, few at once, and refuses what is too much. */
export function boundWork({ atOnce, waiting, refuse }: Bounds) {
  const queue: (() => void)[] = [];
  let running = 0;

  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running < atOnce) running++;
    else if (queue.length < waiting) await new Promise<void>((resolve) => queue.push(resolve));
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
}
