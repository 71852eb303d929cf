import { newId } from '@meshmart/service/ids';
import { expect, test } from 'vitest';
import { getOrder, recordStep } from '../src/orders/repository.ts';
import { runSaga } from '../src/orders/saga.ts';
import { clientsOf, newOrder, startApp } from './helper.ts';

/** An order as the release before stores it: with the SQL that it sends, on the schema of this one. */
async function startOldOrder() {
  const { app, peers } = await startApp();
  const id = newId();
  const [item] = newOrder().items;
  await app.database.$executeRaw`
    INSERT INTO orders (id, user_id, payment_token, currency) VALUES (${id}::uuid, ${newId()}::uuid, 'tok_approved', 'EUR')`;
  await app.database.$executeRaw`
    INSERT INTO order_items (order_id, product_id, quantity) VALUES (${id}::uuid, ${item?.productId}::uuid, 2)`;
  const move = (step: number, totalMinor: number | null = null) => app.database.$executeRaw`
    UPDATE orders SET step = ${step}, total_minor = coalesce(${totalMinor}::int, total_minor), claimed_at = now()
    WHERE id = ${id}::uuid AND status = 'pending' AND step = ${step - 1}`;
  const turnRound = () => app.database.$executeRaw`
    UPDATE orders SET status = 'pending', cancel_reason = 'customer', step = least(step + 1, 4)
    WHERE cancel_reason IS NULL AND id = ${id}::uuid AND status <> 'cancelled'`;
  return { database: app.database, peers, id, move, turnRound };
}

test('an order that the release before has begun is finished from the step that it has noted down', async () => {
  const { database, peers, id, move } = await startOldOrder();
  await move(1, 1000);
  expect((await getOrder(database, id)).sagaStep).toBe('reserve-stock');
  await clientsOf(peers).product.reserve(id, (await getOrder(database, id)).items);
  const { order } = await runSaga(database, clientsOf(peers), id);
  expect([order.status, peers.charges.length]).toEqual(['confirmed', 1]);
  expect(peers.log.filter((call) => call.startsWith('PUT'))).toHaveLength(1); // the one above
});

test('an order that the release before has turned round is compensated in full', async () => {
  const { database, peers, id, move, turnRound } = await startOldOrder();
  await move(1, 1000);
  await turnRound();
  await runSaga(database, clientsOf(peers), id);
  expect((await getOrder(database, id)).status).toBe('cancelled');
  expect(peers.log).toEqual(['POST /payments/of-order/void-or-refund', 'POST /reservations/:id/release']);
});

test('the release before finds the step of an order that this one has begun', async () => {
  const { database, id } = await startOldOrder();
  const reserved = await recordStep(database, await getOrder(database, id), {
    sagaStep: 'reserve-stock',
    totalMinor: 1000,
  });
  await recordStep(database, reserved as NonNullable<typeof reserved>, { sagaStep: 'authorise-payment' });
  expect((await getOrder(database, id)).step).toBe(2);
});
