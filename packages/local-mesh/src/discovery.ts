import type { IncomingMessage } from 'node:http';
import { type NamedMessage, typed } from './envoy.ts';

const TYPES = {
  clusters: 'envoy.config.cluster.v3.Cluster',
  listeners: 'envoy.config.listener.v3.Listener',
  routes: 'envoy.config.route.v3.RouteConfiguration',
  secrets: 'envoy.extensions.transport_sockets.tls.v3.Secret',
};
export type ResourceType = keyof typeof TYPES;

/** A proxy's subscription to a type of resource. */
export interface SubscriptionKey {
  proxy: string;
  type: ResourceType;
  /** Name of a route configuration or a secret. Clusters and listeners are sent all together. */
  name?: string;
}

/** A proxy's request. Its version is the one that the proxy has, empty before the first. */
interface DiscoveryRequest {
  key: SubscriptionKey;
  version: string;
}

/** Reads a DiscoveryRequest. @returns undefined for a path outside REST xDS @throws when the body is not JSON */
export async function readDiscoveryRequest(request: IncomingMessage): Promise<DiscoveryRequest | undefined> {
  const type = /^\/v3\/discovery:(\w+)$/.exec(request.url ?? '')?.[1] ?? '';
  if (!Object.hasOwn(TYPES, type)) return undefined;
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  const { node, version_info: version = '', resource_names: names = [] } = JSON.parse(text);
  // The node's id is the proxy's name and the namespace: `product-v1-1.meshmart`.
  const [proxy = ''] = String(node.id).split('.');
  return { key: { proxy, type: type as ResourceType, name: names[0] }, version };
}

/** Prints resources as JSON, each with its type. */
export function printResources(type: ResourceType, resources: NamedMessage[]): string {
  return JSON.stringify(resources.map((resource) => typed(TYPES[type], resource)));
}

/** Prints a DiscoveryResponse as JSON. @param resources from `printResources` */
export function printDiscoveryResponse(type: ResourceType, version: string, resources: string): string {
  const typeUrl = `type.googleapis.com/${TYPES[type]}`;
  return `{"version_info":"${version}","type_url":"${typeUrl}","resources":${resources}}`;
}
