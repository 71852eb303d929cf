interface StoreRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: object;
}

/**
 * Sends one request to the running store, in JSON.
 *
 * @returns the response's body; an empty object when there is none
 * @throws an Error with path, status and body for any status but 2xx
 */
// biome-ignore lint/suspicious/noExplicitAny: responses of the store have no type here
export async function callStore(url: string, { body, headers, ...init }: StoreRequest = {}): Promise<any> {
  const response = await fetch(url, {
    ...init,
    headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  if (response.ok) return text ? JSON.parse(text) : {};
  throw new Error(`${new URL(url).pathname} returned ${response.status}: ${text}`);
}
