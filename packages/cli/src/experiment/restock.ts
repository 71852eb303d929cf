export interface Login {
  email: string;
  password: string;
}

/**
 * Fills the shelves up, as an administrator does it: through the gateway, product by product.
 *
 * @param stock what there has to be of every product
 * @throws when the gateway refuses something
 */
export async function restock(gatewayUrl: string, admin: Login, stock: number): Promise<void> {
  const { accessToken } = await call(`${gatewayUrl}/sessions`, { method: 'POST', body: admin });
  const headers = { authorization: `Bearer ${accessToken}` };
  let next = '';
  do {
    const page = await call(`${gatewayUrl}/products?limit=50${next}`);
    for (const { id } of page.items) await fillUp(`${gatewayUrl}/products/${id}`, stock, headers);
    next = page.nextCursor ? `&cursor=${encodeURIComponent(page.nextCursor)}` : '';
  } while (next);
}

async function fillUp(productUrl: string, stock: number, headers: Record<string, string>): Promise<void> {
  const response = await fetch(productUrl);
  const product = (await response.json()) as { stock: number };
  const missing = stock - product.stock;
  if (missing <= 0) return;
  const ifMatch = { 'if-match': response.headers.get('etag') ?? '' };
  await call(productUrl, {
    method: 'PATCH',
    headers: { ...headers, ...ifMatch },
    body: { stockDelta: missing },
  });
}

// biome-ignore lint/suspicious/noExplicitAny: what the gateway answers has no type here
async function call(url: string, { body, headers, ...init }: CallOptions = {}): Promise<any> {
  const response = await fetch(url, {
    ...init,
    headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (response.ok) return response.json();
  throw new Error(`${new URL(url).pathname} answered ${response.status}: ${await response.text()}`);
}

interface CallOptions {
  method?: string;
  headers?: Record<string, string>;
  body?: object;
}
