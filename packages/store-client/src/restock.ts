import { callStore } from './call-store.ts';

export interface AdminLogin {
  email: string;
  password: string;
}

/**
 * Fills the shelves up, as an administrator does it: through the gateway, product by product.
 *
 * @param stock what there has to be of every product
 * @throws when the gateway refuses something
 */
export async function restock(gatewayUrl: string, admin: AdminLogin, stock: number): Promise<void> {
  const { accessToken } = await callStore(`${gatewayUrl}/sessions`, { method: 'POST', body: admin });
  for (const id of await listProductIds(gatewayUrl)) {
    await changeStock(`${gatewayUrl}/products/${id}`, accessToken, (now) => Math.max(now, stock));
  }
}

/** All of the catalogue. */
export async function listProductIds(gatewayUrl: string): Promise<string[]> {
  const ids: string[] = [];
  let next = '';
  do {
    const page = await callStore(`${gatewayUrl}/products?limit=50${next}`);
    for (const { id } of page.items) ids.push(id);
    next = page.nextCursor ? `&cursor=${encodeURIComponent(page.nextCursor)}` : '';
  } while (next);
  return ids;
}

/**
 * Changes how many of a product there are.
 *
 * @param accessToken an administrator's
 * @param decide what there has to be, from what there is
 * @throws when the gateway refuses it, and when somebody else has changed the product meanwhile
 */
export async function changeStock(
  productUrl: string,
  accessToken: string,
  decide: (stock: number) => number,
): Promise<void> {
  const response = await fetch(productUrl);
  const { stock, version } = (await response.json()) as { stock: number; version: number };
  const stockDelta = decide(stock) - stock;
  if (stockDelta === 0) return;
  const headers = { authorization: `Bearer ${accessToken}`, 'if-match': `"${version}"` };
  await callStore(productUrl, { method: 'PATCH', headers, body: { stockDelta } });
}
