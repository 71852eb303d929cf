import { findDroppedRules } from './delegate.ts';
import type { Destination } from './destination-rule.ts';
import { selectsGateway } from './gateway.ts';
import { gatewayName } from './gateway-spec.ts';
import { covers, fqdn, outboundCluster, resolveHost } from './hosts.ts';
import { isNamespaceWide, selects, type WorkloadSelector } from './labels.ts';
import { mirrorsOf } from './mirror.ts';
import { policiesInForce } from './peer-authentication.ts';
import type { Resource } from './resource.ts';
import type { TrafficPolicy } from './traffic-policy.ts';
import { MESH_GATEWAY } from './virtual-service.ts';
import { findService, type Mesh, servicesOf } from './workloads.ts';

/**
 * Finds resources that Istio accepts although they cannot work. Requests to a missing host or subset get 503.
 * Messages are those of `istioctl analyze`, or of istiod's log for what `analyze` does not check.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pkg/config/analysis/msg/messages.yaml
 *
 * @returns warnings, as `file:line: message`
 */
export function analyze(mesh: Mesh, destinations: Destination[]): string[] {
  const {
    gateways,
    virtualServices,
    destinationRules,
    peerAuthentications,
    requestAuthentications,
    authorizationPolicies,
    envoyFilters,
  } = mesh.resources;
  return [
    ...gateways
      .filter((gateway) => !selectsGateway(mesh, gateway))
      .map((gateway) =>
        notFound(mesh, gateway, 'spec.selector', ['selector', print(gateway.spec.selector ?? {})]),
      ),
    ...virtualServices.flatMap((resource) => analyzeGateways(mesh, resource)),
    ...virtualServices.flatMap((resource) => analyzeDestinations(mesh, resource, destinations)),
    ...findDroppedRules(mesh).map(({ resource, field, message }) =>
      tell(mesh, resource, field, 'Warning', message),
    ),
    ...destinationRules.flatMap((resource) => analyzeRule(mesh, resource)),
    ...[...peerAuthentications, ...requestAuthentications, ...authorizationPolicies].flatMap((resource) =>
      analyzeSelector(mesh, resource, 'spec.selector', resource.spec.selector),
    ),
    ...envoyFilters.flatMap((resource) => {
      const { workloadSelector } = resource.spec;
      const selector = workloadSelector && { matchLabels: workloadSelector.labels ?? {} };
      return analyzeSelector(mesh, resource, 'spec.workloadSelector', selector);
    }),
    ...peerAuthentications.flatMap((resource) => analyzeForce(mesh, resource)),
  ];
}

type Listed<List extends keyof Mesh['resources']> = Mesh['resources'][List][number];

function analyzeGateways(mesh: Mesh, resource: Listed<'virtualServices'>): string[] {
  const known = new Set(mesh.resources.gateways.map(({ name }) => name));
  return (resource.spec.gateways ?? []).flatMap((reference, index) => {
    const field = `spec.gateways[${index}]`;
    if (reference === MESH_GATEWAY) return [];
    if (!known.has(gatewayName(reference, mesh.namespace)))
      return [notFound(mesh, resource, field, ['gateway', reference])];
    if (!reference.includes('.')) return [];
    const [name, namespace] = reference.split('.');
    const message = `using legacy gatewayName format "${reference}"; prefer the <namespace>/<name> format: "${namespace}/${name}"`;
    return [tell(mesh, resource, field, 'Warning', message)];
  });
}

function analyzeDestinations(
  mesh: Mesh,
  resource: Listed<'virtualServices'>,
  destinations: Destination[],
): string[] {
  const clusters = new Set(destinations.map(({ cluster }) => cluster));
  return resource.spec.http.flatMap((rule, http) => {
    const routed = (rule.route ?? []).map(({ destination }, index) => ({
      destination,
      field: `route[${index}].destination`,
    }));
    return [...routed, ...mirrorsOf(rule)].flatMap(({ destination: { host, subset }, field: part }) => {
      const field = `spec.http[${http}].${part}`;
      const fullHost = resolveHost(host, mesh.namespace);
      if (!findService(mesh, fullHost)) return [notFound(mesh, resource, `${field}.host`, ['host', host])];
      if (clusters.has(outboundCluster(fullHost, subset))) return [];
      const missing: [string, string] = ['host+subset in destinationrule', `${host}+${subset}`];
      return [notFound(mesh, resource, `${field}.subset`, missing)];
    });
  });
}

function analyzeRule(mesh: Mesh, resource: Listed<'destinationRules'>): string[] {
  const { host, subsets = [] } = resource.spec;
  const fullHost = resolveHost(host, mesh.namespace);
  const services = servicesOf(mesh).filter((service) => covers(fullHost, fqdn(service, mesh.namespace)));
  if (services.length === 0) {
    const message = `The host ${host} defined in the DestinationRule does not match any services in the mesh.`;
    return [tell(mesh, resource, 'spec.host', `Warning [IST0174]`, message)];
  }
  const warnings = [
    { policy: resource.spec.trafficPolicy, field: 'spec.trafficPolicy' },
    ...subsets.map(({ trafficPolicy }, index) => ({
      policy: trafficPolicy,
      field: `spec.subsets[${index}].trafficPolicy`,
    })),
  ].flatMap(({ policy, field }) => analyzeFailover(mesh, resource, policy, field));
  const errors = subsets.flatMap(({ name, labels }, index) => {
    const pods = mesh.workloads.filter(({ service }) => services.includes(service));
    if (pods.some((pod) => selects({ matchLabels: labels ?? {} }, pod.labels))) return [];
    const message = `The Subset ${name} defined in the DestinationRule does not select any pods. Which may lead to 503 UH (NoHealthyUpstream).`;
    return [tell(mesh, resource, `spec.subsets[${index}]`, 'Error [IST0173]', message)];
  });
  return [...warnings, ...errors];
}

/** https://github.com/istio/istio/blob/eed52ebb66ad/pkg/config/validation/agent/validation.go#L572 */
function analyzeFailover(
  mesh: Mesh,
  resource: Listed<'destinationRules'>,
  policy: TrafficPolicy | undefined,
  field: string,
): string[] {
  const { loadBalancer, outlierDetection } = policy ?? {};
  if (!loadBalancer?.localityLbSetting?.failoverPriority?.length || outlierDetection) return [];
  const message = 'outlier detection policy must be provided for failover';
  return [tell(mesh, resource, `${field}.loadBalancer`, 'Warning', message)];
}

function analyzeSelector(
  mesh: Mesh,
  resource: Resource<unknown>,
  field: string,
  selector: WorkloadSelector | undefined,
): string[] {
  if (selector && isNamespaceWide(selector))
    return [tell(mesh, resource, field, 'Warning', 'workload selector specified without labels')];
  if ([...mesh.workloads, mesh.gateway].some(({ labels }) => selects(selector, labels))) return [];
  const message = `No matching workloads for this resource with the following labels: ${print(selector?.matchLabels ?? {})}`;
  return [tell(mesh, resource, field, 'Warning [IST0127]', message)];
}

/** Finds a policy that an older one overrides; Istio mentions that only in istiod's log. */
function analyzeForce(mesh: Mesh, resource: Listed<'peerAuthentications'>): string[] {
  const { peerAuthentications } = mesh.resources;
  const isWide = isNamespaceWide(resource.spec.selector);
  const older = mesh.workloads
    .filter(({ labels }) => selects(resource.spec.selector, labels))
    .flatMap(({ labels }) => policiesInForce(peerAuthentications, labels))
    .find((policy) => policy !== resource && isNamespaceWide(policy.spec.selector) === isWide);
  if (!older) return [];
  const message = `${older.name} (${older.file}:${older.line}) is older and stays in force where both select a workload`;
  return [tell(mesh, resource, 'metadata.name', 'Warning', message)];
}

function notFound(
  mesh: Mesh,
  resource: Resource<unknown>,
  field: string,
  missing: [what: string, name: string],
) {
  const [what, name] = missing;
  return tell(mesh, resource, field, 'Error [IST0101]', `Referenced ${what} not found: "${name}"`);
}

function tell(mesh: Mesh, resource: Resource<unknown>, field: string, code: string, message: string): string {
  const { file, kind, name } = resource;
  return `${file}:${resource.lineOf(field)}: ${code} (${kind} ${mesh.namespace}/${name}) ${message}`;
}

function print(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}
