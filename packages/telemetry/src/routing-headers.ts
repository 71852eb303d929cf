import {
  type Context,
  createContextKey,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
} from '@opentelemetry/api';

/** The headers that mesh rules match on. A rule for a deeper hop needs every service before it to forward them. */
const ROUTING_HEADERS = ['end-user', 'x-meshmart-cohort'];

const KEY = createContextKey('meshmart routing headers');

/** Propagates the routing headers from an incoming request to its peer calls, like the trace context. */
export class RoutingHeadersPropagator implements TextMapPropagator {
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const headers = context.getValue(KEY) as Map<string, string> | undefined;
    for (const [name, value] of headers ?? []) setter.set(carrier, name, value);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const headers = new Map<string, string>();
    for (const name of ROUTING_HEADERS) {
      const value = getter.get(carrier, name);
      if (typeof value === 'string') headers.set(name, value);
    }
    return context.setValue(KEY, headers);
  }

  fields(): string[] {
    return ROUTING_HEADERS;
  }
}
