import { chmodSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import {
  printDiscoveryResponse,
  printResources,
  readDiscoveryRequest,
  type SubscriptionKey,
} from './discovery.ts';
import type { NamedMessage } from './envoy.ts';

/** A proxy refused what it was sent, and keeps what it had. */
export class RefusedVersionError extends Error {
  override readonly name = 'RefusedVersionError';
  readonly subscription: SubscriptionKey;

  constructor(subscription: SubscriptionKey) {
    super(`${subscription.proxy} refused ${subscription.type} ${subscription.name ?? ''}`.trimEnd());
    this.subscription = subscription;
  }
}

export interface XdsServer {
  /** Changes what a proxy is sent, at once when it waits for that. @returns false, and does nothing, when it is the same */
  set(key: SubscriptionKey, resources: NamedMessage[]): boolean;
  /** Sends the same as a new version. */
  resend(key: SubscriptionKey): void;
  /**
   * Resolves when every running proxy has acknowledged what it was sent last for these keys. A proxy that is not running, or
   * has not asked for it yet, gets it when it asks. @returns those that have not acknowledged after `timeoutMs`
   * @throws RefusedVersionError as soon as one refuses
   */
  untilAcknowledged(keys: SubscriptionKey[], timeoutMs: number): Promise<SubscriptionKey[]>;
  close(): void;
}

interface Subscription {
  key: SubscriptionKey;
  /** The resources as JSON, and their version, which is empty until something is set. */
  text: string;
  version: string;
  /** Versions that the running proxy was sent, and has accepted. */
  sent?: string | undefined;
  acknowledged?: string | undefined;
  isRefused: boolean;
  /** The request that waits for a newer version. */
  waiting?: ServerResponse | undefined;
}

/**
 * Serves REST xDS on a Unix socket that only its owner can reach. A proxy's request carries the version that it has, and is
 * answered when there is another one; so the next request acknowledges, or with the former version refuses.
 * Source: https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#rest-json-polling-subscriptions
 */
export async function serveXds(socketPath: string): Promise<XdsServer> {
  const subscriptions = new Map<string, Subscription>();
  const connections = new Map<Socket, string>();
  let versions = 0;
  let change = Promise.withResolvers<void>();

  const announce = () => {
    change.resolve();
    change = Promise.withResolvers();
  };

  function subscriptionOf(key: SubscriptionKey): Subscription {
    const id = `${key.proxy} ${key.type} ${key.name ?? ''}`;
    const known = subscriptions.get(id);
    if (known) return known;
    const added: Subscription = { key, text: '', version: '', isRefused: false };
    subscriptions.set(id, added);
    return added;
  }

  /** Forgets what a proxy was sent: the next one of its name begins with nothing. */
  function forget(proxy: string): void {
    for (const subscription of subscriptions.values()) {
      if (subscription.key.proxy !== proxy) continue;
      Object.assign(subscription, { sent: undefined, acknowledged: undefined, waiting: undefined });
      subscription.isRefused = false;
    }
    announce();
  }

  function connect(socket: Socket, proxy: string): void {
    if (connections.has(socket)) return;
    connections.set(socket, proxy);
    socket.once('close', () => {
      connections.delete(socket);
      if (![...connections.values()].includes(proxy)) forget(proxy);
    });
  }

  function poll(subscription: Subscription, version: string, response: ServerResponse): void {
    const { sent, acknowledged = '' } = subscription;
    const isCurrent = version === subscription.version;
    if (isCurrent) subscription.acknowledged = version;
    else if (sent === subscription.version && version === acknowledged) subscription.isRefused = true;
    if (isCurrent || subscription.isRefused) wait(subscription, response);
    else send(subscription, response);
    announce();
  }

  function renew(subscription: Subscription, text: string): void {
    const { waiting } = subscription;
    const version = String(++versions);
    Object.assign(subscription, { text, version, sent: undefined, isRefused: false, waiting: undefined });
    if (waiting) send(subscription, waiting);
  }

  function wait(subscription: Subscription, response: ServerResponse): void {
    subscription.waiting = response;
    response.once('close', () => {
      if (subscription.waiting === response) subscription.waiting = undefined;
    });
  }

  function send(subscription: Subscription, response: ServerResponse): void {
    const { text, version, key } = subscription;
    subscription.sent = version;
    response.setHeader('content-type', 'application/json');
    response.end(printDiscoveryResponse(key.type, version, text));
  }

  const server = createServer(async (request, response) => {
    const asked = await readDiscoveryRequest(request).catch(() => undefined);
    if (request.socket.destroyed) return;
    if (!asked) return response.writeHead(400).end();
    connect(request.socket, asked.key.proxy);
    poll(subscriptionOf(asked.key), asked.version, response);
  });
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(socketPath, resolve);
  });
  chmodSync(socketPath, 0o600);

  return {
    set(key, resources) {
      const subscription = subscriptionOf(key);
      const text = printResources(key.type, resources);
      if (subscription.text === text) return false;
      renew(subscription, text);
      return true;
    },
    resend(key) {
      const subscription = subscriptionOf(key);
      renew(subscription, subscription.text);
    },
    async untilAcknowledged(keys, timeoutMs) {
      const wanted = keys.map(subscriptionOf);
      const timeout = AbortSignal.timeout(timeoutMs);
      const timedOut = new Promise<void>((resolve) => timeout.addEventListener('abort', () => resolve()));
      for (;;) {
        const refused = wanted.find(({ isRefused }) => isRefused);
        if (refused) throw new RefusedVersionError(refused.key);
        const late = wanted.filter(isLate);
        if (late.length === 0 || timeout.aborted) return late.map(({ key }) => key);
        await Promise.race([change.promise, timedOut]);
      }
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Whether a running proxy has asked, and has not accepted the newest version yet. */
function isLate({ sent, acknowledged, version }: Subscription): boolean {
  return (sent ?? acknowledged) !== undefined && acknowledged !== version;
}
