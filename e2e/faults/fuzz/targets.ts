import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { config } from '@meshmart/toolchain/config';
import { listRunningApps } from '../../authorization/running-routes.ts';
import type { RunningStore } from '../../running-store.ts';
import { bytesOf, type Draft, type Draw } from './draft.ts';
import type { Samples } from './samples.ts';

/** The parts of an OpenAPI document that are read here. */
export interface Document {
  paths: Record<string, Record<string, Operation>>;
}

export interface Operation {
  parameters?: { in: string; name: string }[];
  requestBody?: { content: Record<string, { schema: { properties: Record<string, unknown> } }> };
  responses: Record<string, { content?: Record<string, unknown> }>;
}

/** A route of a running instance. */
export interface Target {
  service: string;
  instance: string;
  socket: string;
  method: string;
  /** Registered path, as in `/orders/:orderId`. */
  url: string;
  /** Its operation in the service's document. Pages and probes have none. */
  operation?: Operation;
}

export function readDocument(service: string): Document {
  return JSON.parse(readFileSync(join(config.root, 'services', service, 'openapi.json'), 'utf8'));
}

/** Lists every route of one instance of each version of each service, as the running apps report them. */
export async function listTargets(store: RunningStore): Promise<Target[]> {
  const { instances } = await store.status();
  const apps = await listRunningApps(store);
  return apps.flatMap(({ service, instance, routes }) => {
    const { paths } = readDocument(service);
    const socket = instances.find(({ name }) => name === instance)?.appSocket as string;
    return routes.map(({ method, url }) => {
      const methods = paths[url.replace(/:(\w+)/g, '{$1}')] ?? {};
      const operation = methods[method === 'HEAD' ? 'get' : method.toLowerCase()];
      return { service, instance, socket, method, url, ...(operation ? { operation } : {}) };
    });
  });
}

/** Returns a well-formed request for a route. Its target may be in a state in which the service refuses the request. */
export function makePlausible(
  { service, method, url, operation }: Target,
  { tokens, values }: Samples,
  draw: Draw,
): Draft {
  const textOf = (name: string) => encodeURIComponent(asText(values[name] ?? 'a'));
  const some = (names: string[]) => names.filter(() => draw.chance(0.5));
  const isPage = service === 'storefront';
  const schema = operation?.requestBody?.content['application/json']?.schema;
  const parameters = operation?.parameters ?? [];
  const query = isPage
    ? ['q', 'category', 'cursor', 'next', 'added', 'full']
    : parameters.filter((one) => one.in === 'query').map(({ name }) => name);
  const draft: Draft = {
    method,
    version: 'HTTP/1.1',
    segments: url
      .replace(/:(\w+)/g, (_, name) => textOf(name))
      .replace('*', 'swagger-ui.css')
      .slice(1)
      .split('/'),
    query: some(query).map((name) => [name, textOf(name)]),
    headers: [
      ['host', service],
      ['connection', 'close'],
      ['idempotency-key', draw.one(['"again"', `"${draw.below(2 ** 31)}"`])],
      ['if-match', `"${draw.below(3)}"`],
    ],
    fields: {},
    type: 'none',
  };
  const token = draw.one([undefined, tokens.customer, tokens.admin]);
  if (token) draft.headers.push(['authorization', `Bearer ${token}`]);
  if (isPage) {
    const cookies = [...(token ? [`meshmart_session=${token}`] : []), `meshmart_basket=${textOf('basket')}`];
    draft.headers.push(['cookie', cookies.join('; ')]);
  }
  if (schema) {
    draft.type = 'json';
    for (const name of Object.keys(schema.properties))
      draft.fields[name] = bytesOf(JSON.stringify(values[name] ?? 'a'));
    draft.headers.push(['content-type', 'application/json']);
  } else if (isPage && method === 'POST') {
    draft.type = 'form';
    for (const name of some(Object.keys(values))) draft.fields[name] = textOf(name);
    draft.headers.push(['content-type', 'application/x-www-form-urlencoded']);
  }
  return draft;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
