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

/** A proxy refused a version, and keeps its former one. */
export class RefusedVersionError extends Error {
  override readonly name = 'RefusedVersionError';
  readonly subscription: SubscriptionKey;

  constructor(subscription: SubscriptionKey) {
    super(`${subscription.proxy} refused ${subscription.type} ${subscription.name ?? ''}`.trimEnd());
    this.subscription = subscription;
  }
}

export interface XdsServer {
  /** Sets a proxy's resources, and sends them at once if it is waiting. @returns false when they are unchanged */
  set(key: SubscriptionKey, resources: NamedMessage[]): boolean;
  /** Sends unchanged resources as a new version. */
  resend(key: SubscriptionKey): void;
  /**
   * Resolves when every running proxy has acknowledged the last version for these keys, or after `timeoutMs`. Proxies
   * that have not yet requested it are not waited for.
   *
   * @returns the keys that are not acknowledged
   * @throws RefusedVersionError as soon as a proxy refuses
   */
  untilAcknowledged(keys: SubscriptionKey[], timeoutMs: number): Promise<SubscriptionKey[]>;
  close(): void;
}

interface Subscription {
  key: SubscriptionKey;
  /** The resources as JSON, and their version; both are empty at first. */
  text: string;
  version: string;
  /** The last versions that the running proxy received and accepted. */
  sent?: string | undefined;
  acknowledged?: string | undefined;
  isRefused: boolean;
  /** A request that waits for the next version. */
  waiting?: ServerResponse | undefined;
}

/**
 * Serves REST xDS on a Unix socket with mode 0600. A proxy's request states the version that the proxy has. The
 * response waits until there is another version. The next request acknowledges that one by stating it, or refuses it by
 * stating the former one again.
 * https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#rest-json-polling-subscriptions
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

  /** Forgets the versions of a proxy that has gone: the next one of its name starts without any. */
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

/** Tells whether a running proxy has requested the newest version and not yet accepted it. */
function isLate({ sent, acknowledged, version }: Subscription): boolean {
  return (sent ?? acknowledged) !== undefined && acknowledged !== version;
}
