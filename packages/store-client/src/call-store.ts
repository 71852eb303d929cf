export interface StoreRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: object;
}

/**
 * One request to the running store, in JSON.
 *
 * @returns the answer's body; an empty object when there is none
 * @throws when the answer is no success
 */
// biome-ignore lint/suspicious/noExplicitAny: what the store answers has no type here
export async function callStore(url: string, { body, headers, ...init }: StoreRequest = {}): Promise<any> {
  const response = await fetch(url, {
    ...init,
    headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  if (response.ok) return text ? JSON.parse(text) : {};
  throw new Error(`${new URL(url).pathname} answered ${response.status}: ${text}`);
}
