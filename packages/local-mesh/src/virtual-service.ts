import Type, { type Static } from 'typebox';
import { NO_TIMEOUT } from './defaults.ts';
import { Duration, toProtoDuration } from './duration.ts';
import type { EnvoyMessage } from './envoy.ts';
import { Fault, translateFault } from './fault.ts';
import { HeaderChanges, translateHeaders } from './header-changes.ts';
import { outboundCluster, resolveHost, SERVICE_PORT } from './hosts.ts';
import { type Origin, withOrigin } from './origins.ts';
import type { Resource } from './resources.ts';
import { Retries, translateRetries } from './retries.ts';
import { describePath, RouteMatch, translateMatch } from './route-match.ts';
import { closed } from './schema.ts';

const RouteDestination = closed({
  destination: closed({
    host: Type.String({ minLength: 1 }),
    subset: Type.Optional(Type.String()),
    port: Type.Optional(closed({ number: Type.Literal(SERVICE_PORT) })),
  }),
  weight: Type.Optional(Type.Integer({ minimum: 0 })),
  headers: Type.Optional(HeaderChanges),
});

const HttpRoute = closed({
  name: Type.Optional(Type.String()),
  match: Type.Optional(Type.Array(RouteMatch)),
  route: Type.Optional(Type.Array(RouteDestination, { minItems: 1 })),
  delegate: Type.Optional(
    closed({ name: Type.Optional(Type.String()), namespace: Type.Optional(Type.String()) }),
  ),
  fault: Type.Optional(Fault),
  timeout: Type.Optional(Duration),
  retries: Type.Optional(Retries),
  headers: Type.Optional(HeaderChanges),
});

const LABEL = '[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?';

/** Source: istio/istio pkg/config/validation, validateGatewayNames. */
const GatewayReference = Type.String({
  pattern: `^${LABEL}(/${LABEL}|(\\.${LABEL})*)$`,
  errorMessage: 'must be mesh, a name, or a namespace, / and a name; correct it',
});

/** Source: istio/istio pkg/config/visibility, Instance.Validate. */
const ExportTo = Type.String({
  pattern: '^(\\*|\\.|[a-z0-9]([-a-z0-9]*[a-z0-9])?)$',
  errorMessage: 'must be ".", "*" or a namespace; correct it',
});

export const VirtualServiceSpec = closed({
  hosts: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
  gateways: Type.Optional(Type.Array(GatewayReference, { minItems: 1 })),
  http: Type.Array(HttpRoute, { minItems: 1 }),
  exportTo: Type.Optional(Type.Array(ExportTo)),
});

export type VirtualServiceSpec = Static<typeof VirtualServiceSpec>;
export type VirtualService = Resource<VirtualServiceSpec>;
export type HttpRoute = Static<typeof HttpRoute>;
type RouteDestination = Static<typeof RouteDestination>;

/** A rule that a proxy gets, and the field that says so: for a rule of a delegate, the delegate's. */
export interface RoutingRule {
  http: HttpRoute;
  origin: Origin;
}

/** What a VirtualService's `gateways` call the sidecars; it is the default. */
export const MESH_GATEWAY = 'mesh';

/**
 * The routes of a VirtualService, one for each of its matches; after one that matches everything the rest is left out.
 * Source: pilot/pkg/networking/core/route/route.go, BuildHTTPRoutesForVirtualService and TranslateRoute.
 */
export function translateRoutes(
  resource: VirtualService,
  rules: RoutingRule[],
  namespace: string,
): EnvoyMessage[] {
  const routes = rules.flatMap(({ http, origin }) =>
    (http.match?.length ? http.match : [undefined]).map((match) =>
      withOrigin(translateRoute(resource, http, match, namespace), origin.resource, origin.field),
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
  match: RouteMatch | undefined,
  namespace: string,
): EnvoyMessage {
  const timeout = http.timeout ? toProtoDuration(http.timeout) : NO_TIMEOUT;
  const retryPolicy = translateRetries(http.retries);
  const destinations = http.route ?? [];
  const [first] = destinations;
  const single = destinations.length === 1 ? first : undefined;
  const name = (http.name ?? '') + (match?.name ? `.${match.name}` : '');
  const cluster = single && clusterOf(single, namespace);
  return {
    ...(name && { name }),
    match: translateMatch(match),
    route: {
      ...(cluster
        ? { cluster }
        : { weighted_clusters: { clusters: weightedClusters(destinations, namespace) } }),
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
