import { appendFileSync, writeFileSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import { join } from 'node:path';
import type { ResourceType } from '../src/discovery.ts';

interface Received {
  type: ResourceType;
  version: string;
  /** Names of the resources. */
  names: string[];
}

/**
 * Requests clusters, listeners and one route configuration as Envoy does, and accepts or refuses each as the test
 * decides.
 */
export async function startFakeEnvoy(directory: string, xdsSocket: string) {
  const adminSocket = join(directory, 'order.admin');
  const logFile = join(directory, 'order.log');
  writeFileSync(logFile, '');
  const agent = new Agent({ keepAlive: true });
  const received: Received[] = [];
  const envoy = {
    adminSocket,
    logFile,
    received,
    /** Decides whether to accept a received version. The next request waits for it. */
    decide: async (_: Received): Promise<boolean> => true,
    warming: '0',
    stop() {
      isRunning = false;
      agent.destroy();
      admin.close();
    },
  };
  let isRunning = true;
  let logsWarnings = false;

  const admin = createServer(({ url = '' }, response) => {
    if (url.startsWith('/logging')) logsWarnings = url.endsWith('=warning');
    const stats = ['cluster_manager.warming_clusters', 'listener_manager.total_listeners_warming'];
    response.end(stats.map((name) => `${name}: ${envoy.warming}\n`).join(''));
  });
  await new Promise<void>((listening) => admin.listen(adminSocket, listening));

  async function subscribe(type: ResourceType, name?: string): Promise<void> {
    for (let version = ''; isRunning; ) {
      const response = await ask(xdsSocket, type, { name, version, agent }).catch(() => undefined);
      if (!response || !isRunning) return;
      const update = {
        type,
        version: response.version_info,
        names: response.resources.map((one) => one.name),
      };
      received.push(update);
      if (await envoy.decide(update)) version = response.version_info;
      else if (logsWarnings)
        appendFileSync(
          logFile,
          `[2026-11-27] REST config for /v3/discovery:${type} rejected: not ${update.names}\n`,
        );
    }
  }
  void subscribe('clusters');
  void subscribe('listeners');
  void subscribe('routes', '80');
  return envoy;
}

interface DiscoveryResponse {
  version_info: string;
  resources: { name: string }[];
}

/** Sends a request as the proxy `order`. */
export function ask(
  socketPath: string,
  type: ResourceType,
  { name, version = '', agent }: { name?: string | undefined; version?: string; agent?: Agent } = {},
): Promise<DiscoveryResponse> {
  const names = name ? { resource_names: [name] } : {};
  const body = JSON.stringify({ node: { id: 'order.meshmart' }, version_info: version, ...names });
  return new Promise((resolve, reject) => {
    const options = { socketPath, path: `/v3/discovery:${type}`, method: 'POST', agent: agent ?? false };
    request(options, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve(JSON.parse(text));
    })
      .on('error', reject)
      .end(body);
  });
}
