import type { NamedMessage } from './envoy.ts';
import type { Resource } from './resource.ts';

/** The field of an Istio resource from which a part of Envoy's configuration was translated. */
export interface Origin {
  resource: Resource<unknown>;
  /** The path of the field, for `Resource.lineOf`. */
  field: string;
}

const origins = new WeakMap<object, Origin[]>();

/**
 * Records the origin of a part of the configuration without changing it.
 *
 * @param more further fields that contributed to the part
 * @returns the part
 */
export function withOrigin<Message extends object>(
  message: Message,
  resource: Resource<unknown>,
  field: string,
  more: Origin[] = [],
): Message {
  origins.set(message, [{ resource, field }, ...more]);
  return message;
}

/**
 * Finds the likely causes of a refusal: the smallest parts that Envoy did not have before. Envoy's reason narrows them
 * down, by the names in it or by the value at its end, as in `missing ): ((`.
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
  return (quoted.length > 0 ? quoted : parts).flatMap((part) => part.origins);
}

interface Part {
  origins: Origin[];
  json: string;
}

/** Returns every part with an origin, as JSON. */
function partsOf(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const inner = Object.values(node).flatMap(partsOf);
  return origins.has(node) ? [...inner, JSON.stringify(node)] : inner;
}

/** Returns the smallest parts with an origin that are not in `known`. */
function partsWithOrigin(node: unknown, known: Set<string>): Part[] {
  if (typeof node !== 'object' || node === null) return [];
  const own = origins.get(node);
  const json = own && JSON.stringify(node);
  if (json && known.has(json)) return [];
  const inner = Object.values(node).flatMap((field) => partsWithOrigin(field, known));
  return inner.length === 0 && own && json ? [{ origins: own, json }] : inner;
}

/**
 * Follows the path of a violated constraint, as in `VirtualHosts[3]: … | caused by
 * VirtualHostValidationError.Routes[0]`.
 */
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
