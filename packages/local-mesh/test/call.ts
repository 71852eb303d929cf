import { Agent, type OutgoingHttpHeaders, request } from 'node:http';

export interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
  tookMs: number;
}

const agent = new Agent({ keepAlive: true });

/** Sends a request to a local TCP port or a Unix socket. Rejects when the connection is cut. */
export function call(
  to: number | string,
  path: string,
  options: { method?: string; headers?: OutgoingHttpHeaders; localAddress?: string } = {},
): Promise<Reply> {
  const startedAt = performance.now();
  const target = typeof to === 'number' ? { host: '127.0.0.1', port: to } : { socketPath: to };
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...target, path, agent, ...options }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        body += chunk;
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body,
          tookMs: performance.now() - startedAt,
        }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

/** Sends `times` requests, `concurrency` of them at once. */
export async function callMany(
  times: number,
  once: () => Promise<Reply>,
  concurrency = 16,
): Promise<Reply[]> {
  const replies: Reply[] = [];
  let left = times;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (left-- > 0) replies.push(await once());
    }),
  );
  return replies;
}
