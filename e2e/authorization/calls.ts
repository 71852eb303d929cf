import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, type Dispatcher } from 'undici';
import type { RunningStore } from '../running-store.ts';

export interface Call {
  method: string;
  /** Sent without normalisation. */
  path: string;
  headers?: Record<string, string> | undefined;
  /** A value to send as JSON, or a text. */
  body?: object | string | undefined;
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** Connections to one HTTP server. */
export interface Line {
  /** Sends a call, again later while the gateway limits the passwords from this address. */
  send(call: Call): Promise<Answer>;
  close(): Promise<void>;
}

/** Opens connections to one HTTP server. @param connect a Unix socket, or options for TLS */
export function openLine(origin: string, connect: Agent.Options['connect'] = {}): Line {
  const dispatcher = new Agent({ connect });
  const sendOnce = async ({ method, path, headers, body }: Call): Promise<Answer> => {
    const isJson = typeof body === 'object';
    const answer = await dispatcher.request({
      origin,
      method: method as Dispatcher.HttpMethod,
      path,
      headers: { ...(isJson ? { 'content-type': 'application/json' } : {}), ...headers },
      body: isJson ? JSON.stringify(body) : (body ?? null),
    });
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  };
  return {
    async send(call) {
      for (;;) {
        const answer = await sendOnce(call);
        const pauseS = Number(answer.headers['retry-after']);
        if (answer.status !== 429 || servedBy(answer) || Number.isNaN(pauseS)) return answer;
        await sleep(pauseS * 1000);
      }
    },
    close: () => dispatcher.close(),
  };
}

/** Connections to the instances of a running store, without the mesh. */
export interface Instances {
  /** Sends a call to an instance, or to the first one of a service. */
  send(name: string, call: Call): Promise<Answer>;
  /** Sends a call that must succeed. @returns the body */
  // biome-ignore lint/suspicious/noExplicitAny: what the services answer has no type here
  must(name: string, call: Call): Promise<any>;
  close(): Promise<void>;
}

export async function openInstances(store: RunningStore): Promise<Instances> {
  const lines = new Map<string, Line>();
  for (const { name, service, appSocket } of (await store.status()).instances) {
    const line = openLine(`http://${service}`, { socketPath: appSocket });
    lines.set(name, line);
    if (!lines.has(service)) lines.set(service, line);
  }
  const send: Instances['send'] = (name, call) => (lines.get(name) as Line).send(call);
  return {
    send,
    async must(name, call) {
      const { status, text } = await send(name, call);
      if (status >= 300)
        throw new Error(`${call.method} ${call.path} of ${name} answered ${status}: ${text}`);
      return text && JSON.parse(text);
    },
    close: async () => void (await Promise.all([...new Set(lines.values())].map((line) => line.close()))),
  };
}

/** Returns the service that responded, or undefined for a proxy. */
export function servedBy({ headers }: Answer): string | undefined {
  return headers['x-served-by']?.toString().split('/')[0];
}
