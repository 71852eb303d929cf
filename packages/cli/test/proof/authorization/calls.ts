import { Agent, type Dispatcher } from 'undici';

export interface Call {
  method: string;
  /** Sent as it is: nothing straightens it. */
  path: string;
  headers?: Record<string, string> | undefined;
  /** JSON, or text as it is. */
  body?: object | string | undefined;
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** A way to something that speaks HTTP. */
export interface Line {
  send(call: Call): Promise<Answer>;
  close(): Promise<void>;
}

/** @param connect the Unix socket, or what TLS needs */
export function openLine(origin: string, connect: Agent.Options['connect'] = {}): Line {
  const dispatcher = new Agent({ connect });
  return {
    async send({ method, path, headers, body }) {
      const isJson = typeof body === 'object';
      const answer = await dispatcher.request({
        origin,
        method: method as Dispatcher.HttpMethod,
        path,
        headers: { ...(isJson ? { 'content-type': 'application/json' } : {}), ...headers },
        body: isJson ? JSON.stringify(body) : (body ?? null),
      });
      return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
    },
    close: () => dispatcher.close(),
  };
}

/** Which service has answered; undefined when a proxy did. */
export function servedBy({ headers }: Answer): string | undefined {
  return headers['x-served-by']?.toString().split('/')[0];
}
