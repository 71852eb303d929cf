import { callStore } from './call-store.ts';

interface AdminLogin {
  email: string;
  password: string;
}

/**
 * Raises the stock of every product, as an administrator does: through the gateway, product by product.
 *
 * @param stock units that each product has afterwards, at least
 * @throws an Error when the gateway refuses a request
 */
export async function restock(gatewayUrl: string, admin: AdminLogin, stock: number): Promise<void> {
  const { accessToken } = await callStore(`${gatewayUrl}/sessions`, { method: 'POST', body: admin });
  for (const id of await listProductIds(gatewayUrl)) {
    await changeStock(`${gatewayUrl}/products/${id}`, accessToken, (now) => Math.max(now, stock));
  }
}

/** Returns the ids of all products. */
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
 * Changes the stock of a product.
 *
 * @param accessToken of an administrator
 * @param decide returns the new stock for the current one
 * @throws an Error when the gateway refuses it, or when the product has changed meanwhile
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
