import Type, { type Static } from 'typebox';
import { type ConsistentHash, hashPolicies } from './consistent-hash.ts';
import { NO_TIMEOUT } from './defaults.ts';
import { Destination } from './destination.ts';
import { Duration, toProtoDuration } from './duration.ts';
import type { ClusterWeight, Route, RouteAction } from './envoy.ts';
import { Fault, translateFault } from './fault.ts';
import { HeaderChanges, translateHeaders } from './header-changes.ts';
import { outboundCluster, resolveHost, SERVICE_PORT } from './hosts.ts';
import { mirrorFields, translateMirrors } from './mirror.ts';
import { type Origin, withOrigin } from './origins.ts';
import { Redirect, translateRedirect } from './redirect.ts';
import type { Resource } from './resource.ts';
import { Retries, translateRetries } from './retries.ts';
import { describePath, RouteMatch, translateMatch } from './route-match.ts';
import { closed } from './schema.ts';

const RouteDestination = closed({
  destination: Destination,
  weight: Type.Optional(Type.Integer({ minimum: 0 })),
  headers: Type.Optional(HeaderChanges),
});

const Delegate = closed({ name: Type.Optional(Type.String()), namespace: Type.Optional(Type.String()) });

/** https://github.com/istio/istio/blob/eed52ebb66ad/pkg/config/validation/validation.go#L2786 */
const Rewrite = closed({ uri: Type.String({ minLength: 1 }) });

const HttpRoute = closed({
  name: Type.Optional(Type.String()),
  match: Type.Optional(Type.Array(RouteMatch)),
  route: Type.Optional(Type.Array(RouteDestination, { minItems: 1 })),
  redirect: Type.Optional(Redirect),
  delegate: Type.Optional(Delegate),
  rewrite: Type.Optional(Rewrite),
  ...mirrorFields,
  fault: Type.Optional(Fault),
  timeout: Type.Optional(Duration),
  retries: Type.Optional(Retries),
  headers: Type.Optional(HeaderChanges),
});

const LABEL = '[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?';

/** https://github.com/istio/istio/blob/eed52ebb66ad/pkg/config/validation/validation.go#L2397 */
const GatewayReference = Type.String({
  pattern: `^${LABEL}(/${LABEL}|(\\.${LABEL})*)$`,
  errorMessage: 'must be mesh, a name, or a namespace, / and a name; correct it',
});

/** https://github.com/istio/istio/blob/eed52ebb66ad/pkg/config/visibility/visibility.go#L37 */
const ExportTarget = Type.String({
  pattern: '^(\\*|\\.|[a-z0-9]([-a-z0-9]*[a-z0-9])?)$',
  errorMessage: 'must be ".", "*" or a namespace; correct it',
});

/** https://github.com/istio/istio/blob/eed52ebb66ad/pkg/config/validation/validation.go#L690 */
const ExportTo = Type.Refine(
  Type.Array(ExportTarget),
  (targets) => new Set(targets).size === targets.length && (targets.length < 2 || !targets.includes('*')),
  () => 'names a target twice, or others beside "*"; remove them',
);

/** The supported part of a VirtualService's `spec`. */
export const VirtualServiceSpec = closed({
  hosts: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
  gateways: Type.Optional(Type.Array(GatewayReference, { minItems: 1 })),
  http: Type.Array(HttpRoute, { minItems: 1 }),
  exportTo: Type.Optional(ExportTo),
});

export type VirtualServiceSpec = Static<typeof VirtualServiceSpec>;
export type VirtualService = Resource<VirtualServiceSpec>;
export type HttpRoute = Static<typeof HttpRoute>;
type RouteDestination = Static<typeof RouteDestination>;

/** An entry of `http` that proxies receive. A delegate's entry has a root, the rule that delegates to it. */
export interface HttpRule {
  http: HttpRoute;
  origin: Origin;
  root?: Origin;
}

/** The rest of the mesh, as routes need it. */
export interface RouteContext {
  namespace: string;
  /** Returns the consistent hash for a destination, by its full host name. */
  hashFor(host: string, subset: string | undefined): ConsistentHash | undefined;
}

/** The name for all sidecars in `gateways`; it is the default. */
export const MESH_GATEWAY = 'mesh';

/**
 * Translates the rules of a VirtualService, one route for each match of a rule. Routes after one that matches every
 * request are left out, since they can never apply.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/route/route.go#L400
 */
export function translateRoutes(resource: VirtualService, rules: HttpRule[], mesh: RouteContext): Route[] {
  const routes = rules.flatMap(({ http, origin, root }) =>
    (http.match?.length ? http.match : [undefined]).map((match) =>
      withOrigin(
        translateRoute(resource.name, http, match, mesh),
        origin.resource,
        origin.field,
        root && [root],
      ),
    ),
  );
  const catchAll = routes.findIndex(isCatchAll);
  return catchAll === -1 ? routes : routes.slice(0, catchAll + 1);
}

/**
 * Tells whether a route takes every request.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/route/route.go#L1634
 */
export function isCatchAll({ match }: Route): boolean {
  return !match.headers && (match.prefix === '/' || match.safe_regex?.regex === '.*');
}

/** https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/route/route.go#L467 */
function translateRoute(
  resource: string,
  http: HttpRoute,
  match: RouteMatch | undefined,
  mesh: RouteContext,
): Route {
  const { namespace } = mesh;
  const { redirect } = http;
  const action = redirect ? undefined : translateDestinations(http, mesh);
  const host = action?.cluster?.split('|').at(-1) ?? resource;
  const config = `/apis/networking.istio.io/v1/namespaces/${namespace}/virtual-service/${resource}`;
  const onlyDestination = http.route?.length === 1 ? http.route[0] : undefined;
  return {
    name: nameOf(http, match),
    match: translateMatch(match),
    ...(redirect ? { redirect: translateRedirect(redirect) } : { route: action }),
    metadata: { filter_metadata: { istio: { config } } },
    decorator: { operation: `${host}:${SERVICE_PORT}${describePath(match)}` },
    typed_per_filter_config: http.fault && { 'envoy.filters.http.fault': translateFault(http.fault) },
    ...translateHeaders(http.headers, onlyDestination?.headers),
  };
}

function nameOf(http: HttpRoute, match: RouteMatch | undefined): string | undefined {
  const suffix = match?.name ? `.${match.name}` : '';
  return (http.name ?? '') + suffix || undefined;
}

function translateDestinations(http: HttpRoute, mesh: RouteContext): RouteAction {
  const { route = [], timeout, retries, rewrite } = http;
  const [only, ...more] = route.map((destination) => toClusterWeight(destination, mesh.namespace));
  const hashes = route
    .filter(({ weight }) => weight || more.length === 0)
    .map(({ destination: { host, subset } }) => mesh.hashFor(resolveHost(host, mesh.namespace), subset))
    .filter((hash) => hash !== undefined);
  const hash_policy = hashes.flatMap(hashPolicies);
  const timeoutS = timeout ? toProtoDuration(timeout) : NO_TIMEOUT;
  const rest: RouteAction = {
    timeout: timeoutS,
    retry_policy: translateRetries(retries, hashes.length > 0 && more.length === 0),
    max_grpc_timeout: timeoutS,
    ...(hash_policy.length > 0 && { hash_policy }),
    prefix_rewrite: rewrite?.uri,
    request_mirror_policies: translateMirrors(http, mesh.namespace),
  };
  if (only && more.length === 0) return { cluster: only.name, ...rest };
  // Istio leaves out a destination of weight 0 among others.
  const clusters = [only, ...more].filter((cluster) => cluster !== undefined && cluster.weight > 0);
  return { weighted_clusters: { clusters: clusters as ClusterWeight[] }, ...rest };
}

function toClusterWeight(
  { destination, weight = 0, headers }: RouteDestination,
  namespace: string,
): ClusterWeight {
  const name = outboundCluster(resolveHost(destination.host, namespace), destination.subset);
  return { name, weight, ...translateHeaders(headers) };
}
