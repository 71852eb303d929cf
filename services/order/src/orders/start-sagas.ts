import { withoutCaller } from '@meshmart/service/deadline';
import type { FastifyBaseLogger } from 'fastify';
import type { PrismaClient } from '../../generated/prisma/client.ts';
import { type MakeResponse, type OrderPeers, runSaga, type SagaEnd } from './saga.ts';

/** Sagas that requests have started; they go on after the response, whether or not the caller still waits. */
export function createSagas(database: PrismaClient, peers: OrderPeers) {
  const running = new Set<Promise<unknown>>();
  return {
    /** How many are in progress. */
    count: () => running.size,
    /** Resolves when those in progress have ended. */
    settled: () => Promise.all(running),
    /** @returns the order's end, or null when a peer failed: the order stays pending and will be resumed */
    start(orderId: string, log: FastifyBaseLogger, makeResponse?: MakeResponse): Promise<SagaEnd | null> {
      const saga = withoutCaller(() => runSaga(database, peers, orderId, makeResponse)).catch((err) => {
        log.warn({ err, orderId }, 'the order stays pending and will be resumed');
        return null;
      });
      running.add(saga);
      return saga.finally(() => running.delete(saga));
    },
  };
}
