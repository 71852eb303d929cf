import Type, { type Static } from 'typebox';
import { DEFAULT_RETRY_POLICY, NO_TIMEOUT } from './defaults.ts';
import { Duration, toProtoDuration } from './duration.ts';
import { type EnvoyMessage, typed } from './envoy.ts';
import { outboundCluster, resolveHost, SERVICE_PORT } from './hosts.ts';
import type { Resource } from './resources.ts';

const closed = { additionalProperties: false };
const oneOf = { ...closed, minProperties: 1, maxProperties: 1 };
const stringMatch = {
  exact: Type.Optional(Type.String()),
  prefix: Type.Optional(Type.String()),
  regex: Type.Optional(Type.String()),
};
const StringMatch = Type.Object(stringMatch, oneOf);
/** `{}` means that the header is present, whatever its value. */
const HeaderMatch = Type.Object(stringMatch, { ...closed, maxProperties: 1 });

const Percent = Type.Object({ value: Type.Number({ minimum: 0, maximum: 100 }) }, closed);

const HeaderOperations = Type.Object(
  {
    set: Type.Optional(Type.Record(Type.String(), Type.String())),
    add: Type.Optional(Type.Record(Type.String(), Type.String())),
    remove: Type.Optional(Type.Array(Type.String())),
  },
  closed,
);
const Headers = Type.Object(
  { request: Type.Optional(HeaderOperations), response: Type.Optional(HeaderOperations) },
  closed,
);

const Match = Type.Object(
  {
    name: Type.Optional(Type.String()),
    uri: Type.Optional(StringMatch),
    method: Type.Optional(StringMatch),
    headers: Type.Optional(Type.Record(Type.String(), HeaderMatch)),
  },
  closed,
);

const RouteDestination = Type.Object(
  {
    destination: Type.Object(
      {
        host: Type.String({ minLength: 1 }),
        subset: Type.Optional(Type.String()),
        port: Type.Optional(Type.Object({ number: Type.Literal(SERVICE_PORT) }, closed)),
      },
      closed,
    ),
    weight: Type.Optional(Type.Integer({ minimum: 0 })),
    headers: Type.Optional(Headers),
  },
  closed,
);

const Fault = Type.Object(
  {
    delay: Type.Optional(Type.Object({ percentage: Type.Optional(Percent), fixedDelay: Duration }, closed)),
    abort: Type.Optional(
      Type.Object(
        { percentage: Type.Optional(Percent), httpStatus: Type.Integer({ minimum: 200, maximum: 599 }) },
        closed,
      ),
    ),
  },
  closed,
);

const Retries = Type.Object(
  {
    attempts: Type.Optional(Type.Integer({ minimum: 0 })),
    perTryTimeout: Type.Optional(Duration),
    retryOn: Type.Optional(Type.String()),
  },
  closed,
);

const HttpRoute = Type.Object(
  {
    name: Type.Optional(Type.String()),
    match: Type.Optional(Type.Array(Match)),
    route: Type.Array(RouteDestination, { minItems: 1 }),
    fault: Type.Optional(Fault),
    timeout: Type.Optional(Duration),
    retries: Type.Optional(Retries),
    headers: Type.Optional(Headers),
  },
  closed,
);

export const VirtualServiceSpec = Type.Object(
  {
    hosts: Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }),
    gateways: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
    http: Type.Array(HttpRoute, { minItems: 1 }),
  },
  closed,
);

export type VirtualServiceSpec = Static<typeof VirtualServiceSpec>;
export type VirtualService = Resource<VirtualServiceSpec>;
type HttpRoute = Static<typeof HttpRoute>;
type Match = Static<typeof Match>;
type RouteDestination = Static<typeof RouteDestination>;

/** The names by which a VirtualService's `gateways` mean the sidecars; it is the default. */
export const MESH_GATEWAY = 'mesh';

/**
 * The routes of a VirtualService, one for each of its matches; after one that matches everything the rest is left out.
 * Source: pilot/pkg/networking/core/route/route.go, BuildHTTPRoutesForVirtualService and TranslateRoute.
 */
export function translateRoutes(resource: VirtualService, namespace: string): EnvoyMessage[] {
  const routes = resource.spec.http.flatMap((http) =>
    (http.match?.length ? http.match : [undefined]).map((match) =>
      translateRoute(resource, http, match, namespace),
    ),
  );
  const catchAll = routes.findIndex(isCatchAll);
  return catchAll === -1 ? routes : routes.slice(0, catchAll + 1);
}

/** Whether a route takes every request. Source: route.go, IsCatchAllRoute. */
export function isCatchAll(route: EnvoyMessage): boolean {
  const match = route.match as { prefix?: string; safe_regex?: { regex: string }; headers?: unknown };
  return !match.headers && (match.prefix === '/' || match.safe_regex?.regex === '.*');
}

function translateRoute(
  resource: VirtualService,
  http: HttpRoute,
  match: Match | undefined,
  namespace: string,
): EnvoyMessage {
  const timeout = http.timeout ? toProtoDuration(http.timeout) : NO_TIMEOUT;
  const retryPolicy = translateRetries(http.retries);
  const [first] = http.route;
  const single = http.route.length === 1 && first ? first : undefined;
  const name = (http.name ?? '') + (match?.name ? `.${match.name}` : '');
  const cluster = single && clusterOf(single, namespace);
  return {
    ...(name && { name }),
    match: translateMatch(match),
    route: {
      ...(cluster
        ? { cluster }
        : { weighted_clusters: { clusters: weightedClusters(http.route, namespace) } }),
      timeout,
      ...(retryPolicy && { retry_policy: retryPolicy }),
      max_grpc_timeout: timeout,
    },
    metadata: {
      filter_metadata: {
        istio: {
          config: `/apis/networking.istio.io/v1/namespaces/${namespace}/virtual-service/${resource.name}`,
        },
      },
    },
    decorator: {
      operation: `${cluster ? cluster.split('|').at(-1) : resource.name}:${SERVICE_PORT}${describePath(match)}`,
    },
    ...(http.fault && {
      typed_per_filter_config: { 'envoy.filters.http.fault': translateFault(http.fault) },
    }),
    ...translateHeaders(http.headers, single?.headers),
  };
}

function clusterOf({ destination }: RouteDestination, namespace: string): string {
  return outboundCluster(resolveHost(destination.host, namespace), destination.subset);
}

/** A destination of weight 0 among others is left out. */
function weightedClusters(destinations: RouteDestination[], namespace: string): EnvoyMessage[] {
  return destinations
    .filter(({ weight }) => weight)
    .map((destination) => ({
      name: clusterOf(destination, namespace),
      weight: destination.weight,
      ...translateHeaders(destination.headers),
    }));
}

function translateMatch(match: Match | undefined): EnvoyMessage {
  if (!match) return { prefix: '/' };
  const headers = Object.entries(match.headers ?? {}).sort(byName);
  const matchers = [
    ...headers.map(([name, value]) => matchHeader(name, value)),
    ...(match.method ? [matchHeader(':method', match.method)] : []),
  ];
  return {
    ...translatePath(match.uri),
    case_sensitive: true,
    ...(matchers.length > 0 && { headers: matchers }),
  };
}

/** `prefix` is Envoy's plain one: `/products` takes `/productsx` too. */
function translatePath(uri: Static<typeof StringMatch> | undefined): EnvoyMessage {
  if (uri?.exact !== undefined) return { path: uri.exact };
  if (uri?.regex !== undefined) return { safe_regex: { regex: uri.regex } };
  return { prefix: uri?.prefix ?? '/' };
}

function matchHeader(name: string, { exact, prefix, regex }: Static<typeof HeaderMatch>): EnvoyMessage {
  if (exact !== undefined) return { name, string_match: { exact } };
  if (prefix !== undefined) return { name, string_match: { prefix } };
  if (regex !== undefined && regex !== '*') return { name, string_match: { safe_regex: { regex } } };
  return { name, present_match: true };
}

function describePath(match: Match | undefined): string {
  const uri = match?.uri;
  return uri?.exact ?? uri?.regex ?? `${uri?.prefix ?? '/'}*`;
}

/** `attempts: 0` is the way to switch retries off. Source: pilot/pkg/networking/core/route/retry/retry.go, ConvertPolicy. */
function translateRetries(retries: Static<typeof Retries> | undefined): EnvoyMessage | undefined {
  if (!retries) return DEFAULT_RETRY_POLICY;
  if (!retries.attempts) return undefined;
  const conditions = (retries.retryOn ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
  const statusCodes = conditions.filter((part) => /^[1-5]\d\d$/.test(part));
  const named = conditions.filter((part) => !statusCodes.includes(part));
  if (statusCodes.length > 0 && !named.includes('retriable-status-codes'))
    named.push('retriable-status-codes');
  return {
    ...DEFAULT_RETRY_POLICY,
    num_retries: retries.attempts,
    ...(named.length > 0 && { retry_on: named.join(',') }),
    ...(statusCodes.length > 0 && { retriable_status_codes: statusCodes.map(Number) }),
    ...(retries.perTryTimeout && { per_try_timeout: toProtoDuration(retries.perTryTimeout) }),
  };
}

/** Without a percentage a delay or abort strikes nobody. Source: route.go, TranslateFault. */
function translateFault({ delay, abort }: Static<typeof Fault>): EnvoyMessage {
  return typed('envoy.extensions.filters.http.fault.v3.HTTPFault', {
    ...(delay && {
      delay: {
        fixed_delay: toProtoDuration(delay.fixedDelay),
        percentage: delay.percentage
          ? perMillion(delay.percentage.value)
          : { numerator: 0, denominator: 'HUNDRED' },
      },
    }),
    ...(abort && {
      abort: {
        http_status: abort.httpStatus,
        ...(abort.percentage && { percentage: perMillion(abort.percentage.value) }),
      },
    }),
  });
}

function perMillion(percent: number): EnvoyMessage {
  return { numerator: Math.trunc(percent * 10_000), denominator: 'MILLION' };
}

/** Header changes of a route, then those of its only destination. Source: route.go, TranslateHeadersOperations. */
function translateHeaders(...changes: (Static<typeof Headers> | undefined)[]): EnvoyMessage {
  const requests = changes.map((change) => change?.request);
  const responses = changes.map((change) => change?.response);
  const fields = {
    request_headers_to_add: requests.flatMap(headersToAdd),
    request_headers_to_remove: requests.flatMap((change) => change?.remove ?? []),
    response_headers_to_add: responses.flatMap(headersToAdd),
    response_headers_to_remove: responses.flatMap((change) => change?.remove ?? []),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, list]) => list.length > 0));
}

function headersToAdd(change: Static<typeof HeaderOperations> | undefined): EnvoyMessage[] {
  const entries = (headers: Record<string, string> | undefined) => Object.entries(headers ?? {}).sort(byName);
  return [
    ...entries(change?.set).map(([key, value]) => ({
      header: { key, value },
      append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
    })),
    ...entries(change?.add).map(([key, value]) => ({
      header: { key, value },
      append_action: 'APPEND_IF_EXISTS_OR_ADD',
    })),
  ];
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
