import { withoutCaller } from '@meshmart/service/deadline';
import { type MakeResponse, runSaga, type SagaEnd, type Worker } from './saga.ts';

/** Creates the sagas that requests start. They continue after the response, whether or not the caller still waits. */
export function createSagas({ database, peers }: Pick<Worker, 'database' | 'peers'>) {
  const running = new Set<Promise<unknown>>();
  return {
    /** Returns the number of sagas in progress. */
    count: () => running.size,
    /** Resolves when those in progress have ended. */
    settled: () => Promise.all(running),
    /** Runs the order's saga as `runSaga` does. */
    start(orderId: string, log: Worker['log'], makeResponse?: MakeResponse): Promise<SagaEnd | null> {
      const saga = withoutCaller(() => runSaga({ database, peers, log }, orderId, makeResponse));
      running.add(saga);
      return saga.finally(() => running.delete(saga));
    },
  };
}
