/** A message of Envoy's v3 API in its JSON form; the field names are the proto's own. */
export interface EnvoyMessage {
  [field: string]: unknown;
}

/** A resource that Envoy knows by name: a cluster, listener or route configuration. */
export interface NamedMessage extends EnvoyMessage {
  name: string;
}

/** An `Any`: the message with its type URL beside its fields. */
export function typed(type: string, fields: EnvoyMessage = {}): EnvoyMessage {
  return { '@type': `type.googleapis.com/${type}`, ...fields };
}
