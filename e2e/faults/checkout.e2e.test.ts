import { randomUUID } from 'node:crypto';
import { findViolations } from '@meshmart/consistency-checker/check';
import { countUnits } from '@meshmart/consistency-checker/stock-invariants';
import { readStoreState } from '@meshmart/consistency-checker/store-state';
import { setFaults } from '@meshmart/local-platform/faults';
import { expect } from 'vitest';
import type { RunningStore } from '../running-store.ts';
import { test } from '../shared-store.ts';
import { createVisitor, readHiddenFields } from './shop-visitor.ts';
import { tokensOf } from './tokens.ts';

let store: RunningStore;
let gatewayUrl: string;

test.beforeAll(({ store: running }) => {
  store = running;
  gatewayUrl = `http://127.0.0.1:${store.port}`;
});

async function call<T>(path: string, init: RequestInit = {}): Promise<T> {
  const headers = { 'content-type': 'application/json', ...init.headers };
  const answer = await fetch(`${gatewayUrl}${path}`, { ...init, headers });
  expect(answer.status).toBe(200);
  return (await answer.json()) as T;
}

interface Product {
  id: string;
  priceMinor: number;
  version: number;
}

/** Registers a visitor and puts a product into the basket. */
async function startVisit(search: string) {
  const [product] = (await call<{ items: Product[] }>(`/products?q=${search}`)).items as [Product];
  const visitor = createVisitor(gatewayUrl);
  await visitor.register(`${randomUUID()}@meshmart.example`);
  await visitor.addToBasket(product.id);
  const orders = async () => {
    const headers = { authorization: `Bearer ${visitor.accessToken()}` };
    return (
      await call<{ items: { id: string; status: string; totalMinor: number }[] }>('/orders', { headers })
    ).items;
  };
  return { visitor, product, orders };
}

/** Audits the store's orders, stock and money so far. */
async function expectRightBooks(unitsBefore: Map<string, number>): Promise<void> {
  const state = await readStoreState(await store.databases());
  expect(findViolations({ state, clientOrders: [], unitsBefore })).toEqual([]);
}

test('a response lost after the payment leads to one order, however the customer returns', async () => {
  const unitsBefore = countUnits(await readStoreState(await store.databases()));
  const { visitor, orders } = await startVisit('mortar');
  const storefront = (await store.status()).instances.find(({ service }) => service === 'storefront');
  const form = await visitor.openCheckout();
  await setFaults(storefront?.faultsSocket as string, { dropAfterCommitRate: 1 });
  const lost = await visitor.pay(form).finally(() => setFaults(storefront?.faultsSocket as string, {}));
  expect(lost.status).not.toBe(303);

  const again = await visitor.pay(await visitor.openCheckout()); // by the link in the basket
  const back = await visitor.pay(form); // by the browser's Back button
  const placed = await orders();
  expect(placed.map(({ status }) => status)).toEqual(['confirmed']);
  expect([again.location, back.location]).toEqual(Array(2).fill(`/shop/orders/${placed[0]?.id}`));
  expect((await visitor.visit('/shop/basket')).body).toContain('There is nothing in it yet');
  await expectRightBooks(unitsBefore);
});

test('a price that changes during checkout is charged only after the customer agrees', async () => {
  const { visitor, product, orders } = await startVisit('skillet');
  const form = await visitor.openCheckout();
  const adminToken = await (await tokensOf(store))(randomUUID(), 'admin');
  const setPrice = async (priceMinor: number) => {
    const { version } = await call<Product>(`/products/${product.id}`);
    const headers = { authorization: `Bearer ${adminToken}`, 'if-match': `"${version}"` };
    await call(`/products/${product.id}`, { method: 'PATCH', headers, body: JSON.stringify({ priceMinor }) });
  };
  await setPrice(99_900);
  try {
    const asked = await visitor.pay(form);
    expect([asked.status, (await orders())[0]?.status]).toEqual([409, 'cancelled']);
    expect(asked.body).toContain('Pay €999.00');
    await visitor.pay(readHiddenFields(asked.body));
    const confirmed = (await orders()).filter(({ status }) => status === 'confirmed');
    expect(confirmed.map(({ totalMinor }) => totalMinor)).toEqual([99_900]);
  } finally {
    await setPrice(product.priceMinor);
  }
});
