import type { EnvoyMessage, NamedMessage } from './envoy.ts';
import type { Resource } from './resources.ts';

/** The field of an Istio resource that a part of Envoy's configuration was made from. */
export interface Origin {
  resource: Resource<unknown>;
  /** As `Resource.lineOf` takes it. */
  field: string;
}

const origins = new WeakMap<object, Origin>();

/** Notes where a part of the configuration comes from, beside it: Envoy is not told. @returns the part */
export function withOrigin<Message extends EnvoyMessage>(
  message: Message,
  resource: Resource<unknown>,
  field: string,
): Message {
  origins.set(message, { resource, field });
  return message;
}

/**
 * Finds what may have caused a refusal: the smallest parts that Envoy did not have before, of those its reason names when it
 * names any, or has the value of at its end, as in `missing ): ((`.
 *
 * @param refused all clusters, all listeners or one route configuration
 */
export function findOrigins(refused: NamedMessage[], before: NamedMessage[], reason: string): Origin[] {
  const known = new Set(before.flatMap(partsOf));
  const named = refused.filter(({ name }) => reason.includes(name));
  const all = partsWithOrigin(refused, known);
  const followed = partsWithOrigin(follow(named.length > 0 ? named : refused, reason), known);
  const parts = followed.length > 0 ? followed : all;
  const value = JSON.stringify(reason.split(': ').at(-1)).slice(1, -1);
  const quoted = parts.filter(({ json }) => json.includes(value));
  return (quoted.length > 0 ? quoted : parts).map(({ origin }) => origin);
}

interface Part {
  origin: Origin;
  json: string;
}

/** Every part with an origin, as JSON. */
function partsOf(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const inner = Object.values(node).flatMap(partsOf);
  return origins.has(node) ? [...inner, JSON.stringify(node)] : inner;
}

/** The smallest parts with an origin that are not among `known`. */
function partsWithOrigin(node: unknown, known: Set<string>): Part[] {
  if (typeof node !== 'object' || node === null) return [];
  const origin = origins.get(node);
  const json = origin && JSON.stringify(node);
  if (json && known.has(json)) return [];
  const inner = Object.values(node).flatMap((field) => partsWithOrigin(field, known));
  return inner.length === 0 && origin && json ? [{ origin, json }] : inner;
}

/** A violated constraint is told with its path, as in `VirtualHosts[3]: … | caused by VirtualHostValidationError.Routes[0]`. */
function follow(messages: NamedMessage[], reason: string): unknown {
  let node: unknown = messages.length === 1 ? messages[0] : messages;
  for (const [, name = '', index] of reason.matchAll(/ValidationError\.(\w+)\[(\d+)\]/g)) {
    const field = name.replace(/(?<=.)[A-Z]/g, '_$&').toLowerCase();
    const list = (node as Record<string, unknown[] | undefined>)[field];
    if (!list) return node;
    node = list[Number(index)];
  }
  return node;
}
