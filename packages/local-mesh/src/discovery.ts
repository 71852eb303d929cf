import type { IncomingMessage } from 'node:http';
import { type NamedMessage, typed } from './envoy.ts';

const TYPES = {
  clusters: 'envoy.config.cluster.v3.Cluster',
  listeners: 'envoy.config.listener.v3.Listener',
  routes: 'envoy.config.route.v3.RouteConfiguration',
  secrets: 'envoy.extensions.transport_sockets.tls.v3.Secret',
};
export type ResourceType = keyof typeof TYPES;

/** A type of resource that a proxy asks for again and again. */
export interface SubscriptionKey {
  proxy: string;
  type: ResourceType;
  /** The name of a route configuration or a secret; clusters and listeners come all together. */
  name?: string;
}

/** A proxy's request, with the version that it has: empty when it has none. */
export interface DiscoveryRequest {
  key: SubscriptionKey;
  version: string;
}

/** Reads a DiscoveryRequest. @returns undefined for a path that is none of REST xDS @throws when it is not JSON */
export async function readDiscoveryRequest(request: IncomingMessage): Promise<DiscoveryRequest | undefined> {
  const type = /^\/v3\/discovery:(\w+)$/.exec(request.url ?? '')?.[1] ?? '';
  if (!Object.hasOwn(TYPES, type)) return undefined;
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  const { node, version_info: version = '', resource_names: names = [] } = JSON.parse(text);
  // Envoy names a proxy in the namespace, as in `product-v1-1.meshmart`.
  const [proxy = ''] = String(node.id).split('.');
  return { key: { proxy, type: type as ResourceType, name: names[0] }, version };
}

/** Resources as JSON, each with its type. */
export function printResources(type: ResourceType, resources: NamedMessage[]): string {
  return JSON.stringify(resources.map((resource) => typed(TYPES[type], resource)));
}

/** A DiscoveryResponse as JSON. @param resources as `printResources` makes them */
export function printDiscoveryResponse(type: ResourceType, version: string, resources: string): string {
  const typeUrl = `type.googleapis.com/${TYPES[type]}`;
  return `{"version_info":"${version}","type_url":"${typeUrl}","resources":${resources}}`;
}
