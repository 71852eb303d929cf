import { gatewayName } from './gateway-spec.ts';
import { covers, resolveHost } from './hosts.ts';
import type { Problem } from './problems.ts';
import type { Resource } from './resource.ts';
import type { ResourceSet } from './resource-set.ts';
import { MESH_GATEWAY } from './virtual-service.ts';

/** Finds resources that exclude each other, and fields of a resource that contradict each other. */
export function findConflicts(set: ResourceSet, namespace: string): Problem[] {
  const hostOf = (host: string) => resolveHost(host, namespace);
  return [
    ...Object.values(set).flatMap((resources: Resource<unknown>[]) =>
      findDuplicates(resources, 'metadata.name', (resource) => [resource.name]),
    ),
    ...findDuplicates(set.virtualServices, 'spec.hosts', ({ spec }) =>
      (spec.hosts ?? []).flatMap((host) =>
        (spec.gateways ?? [MESH_GATEWAY]).map(
          (gateway) => `${hostOf(host)} on ${gatewayName(gateway, namespace)}`,
        ),
      ),
    ),
    ...findDuplicates(set.destinationRules, 'spec.host', ({ spec }) => [hostOf(spec.host)]),
    ...set.virtualServices.flatMap(findImpossible),
    ...set.destinationRules.flatMap(findIneffective),
    ...set.gateways.flatMap((resource) =>
      findSameNames(
        resource,
        resource.spec.servers.map(({ port }, index) => ({
          name: port.name,
          of: `spec.servers[${index}].port`,
        })),
        'port',
      ),
    ),
    ...set.destinationRules.flatMap((resource) =>
      findSameNames(
        resource,
        (resource.spec.subsets ?? []).map(({ name }, index) => ({ name, of: `spec.subsets[${index}]` })),
        'subset',
      ),
    ),
    ...set.authorizationPolicies
      .filter(({ spec }) => spec.action === 'DENY' && !spec.rules?.length)
      .map((resource) =>
        problem(
          resource,
          'spec.rules',
          'DENY without rules denies nothing; add an empty rule {} to deny everything',
        ),
      ),
  ];
}

function findDuplicates<Spec>(
  resources: Resource<Spec>[],
  field: string,
  claims: (resource: Resource<Spec>) => string[],
): Problem[] {
  const owners = new Map<string, Resource<Spec>>();
  return resources.flatMap((resource) =>
    [...new Set(claims(resource))].flatMap((claim) => {
      const owner = owners.get(claim);
      owners.set(claim, owner ?? resource);
      if (!owner) return [];
      const message = `${claim} belongs to ${owner.kind} ${owner.name} (${owner.file}:${owner.line}) already; keep one of them`;
      return [problem(resource, field, message)];
    }),
  );
}

/** Finds parts of one resource that share a name, although Istio distinguishes them by it. */
function findSameNames(
  resource: Resource<unknown>,
  parts: { name: string; of: string }[],
  what: string,
): Problem[] {
  return parts.flatMap(({ name, of }) => {
    const first = parts.find((part) => part.name === name);
    if (!first || first.of === of) return [];
    const message = `${name} is the name of ${first.of} already; give each ${what} its own name`;
    return [problem(resource, `${of}.name`, message)];
  });
}

/**
 * Finds what a VirtualService's schema cannot express.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pkg/config/validation/validation.go#L1768
 */
function findImpossible(resource: ResourceSet['virtualServices'][number]): Problem[] {
  const { hosts = [], gateways = [MESH_GATEWAY], http } = resource.spec;
  const wildcard = hosts.findIndex((host) => host.includes('*'));
  const unbound =
    wildcard !== -1 && gateways.includes(MESH_GATEWAY)
      ? [
          problem(
            resource,
            `spec.hosts[${wildcard}]`,
            'a wildcard host cannot be bound to mesh; name the host, or bind a gateway only',
          ),
        ]
      : [];
  const weightless = http.flatMap(({ route = [] }, index) =>
    route.length > 1 && route.every(({ weight }) => !weight)
      ? [
          problem(
            resource,
            `spec.http[${index}].route`,
            'the weights are all 0; give each destination its weight',
          ),
        ]
      : [],
  );
  const overlapping = hosts.flatMap((host, index) => {
    const other = hosts.slice(0, index).find((before) => covers(before, host) || covers(host, before));
    if (other === undefined) return [];
    const message = `${host} and ${other} overlap; keep one of them, or make another VirtualService`;
    return [problem(resource, `spec.hosts[${index}]`, message)];
  });
  return [...unbound, ...overlapping, ...weightless, ...findImpossibleDelegation(resource)];
}

/** https://github.com/istio/istio/blob/eed52ebb66ad/pkg/config/validation/virtualservice.go#L189 */
function findImpossibleDelegation(resource: ResourceSet['virtualServices'][number]): Problem[] {
  const { hosts, gateways, http } = resource.spec;
  const isDelegate = !hosts?.length;
  const rules = http.flatMap((rule, index) => {
    const { route, delegate, redirect, mirror, mirrors } = rule;
    const field = `spec.http[${index}]`;
    if (delegate && isDelegate)
      return [
        problem(
          resource,
          `${field}.delegate`,
          'a VirtualService without hosts is a delegate and cannot delegate; add hosts, or a route',
        ),
      ];
    if (delegate && route)
      return [problem(resource, `${field}.route`, 'a rule has either route or delegate; remove one of them')];
    if (mirror && mirrors?.length)
      return [
        problem(resource, `${field}.mirrors`, 'a rule has either mirror or mirrors; remove one of them'),
      ];
    if (redirect) {
      const other = (['delegate', 'route', 'fault', 'rewrite'] as const).find((name) => rule[name]);
      const message = 'a rule with a redirect cannot have this; remove one of them';
      return other ? [problem(resource, `${field}.${other}`, message)] : [];
    }
    return delegate || route ? [] : [problem(resource, `${field}.route`, 'this field is missing; add it')];
  });
  if (!isDelegate || !gateways) return rules;
  const message =
    'a VirtualService without hosts is a delegate and binds no gateway; add hosts, or remove it';
  return [problem(resource, 'spec.gateways', message), ...rules];
}

/** https://github.com/istio/istio/blob/eed52ebb66ad/pkg/config/validation/validation.go#L1111 */
function findIneffective(resource: ResourceSet['destinationRules'][number]): Problem[] {
  const { trafficPolicy, subsets = [] } = resource.spec;
  const policies = [
    { path: 'spec.trafficPolicy', outliers: trafficPolicy?.outlierDetection },
    ...subsets.map((subset, index) => ({
      path: `spec.subsets[${index}].trafficPolicy`,
      outliers: subset.trafficPolicy?.outlierDetection,
    })),
  ];
  return policies
    .filter(
      ({ outliers }) => outliers?.consecutiveLocalOriginFailures && !outliers.splitExternalLocalOriginErrors,
    )
    .map(({ path }) =>
      problem(
        resource,
        `${path}.outlierDetection.consecutiveLocalOriginFailures`,
        'counts only with splitExternalLocalOriginErrors: true; add that, or remove it',
      ),
    );
}

function problem(resource: Resource<unknown>, field: string, message: string): Problem {
  const { file, kind, name } = resource;
  return { file, line: resource.lineOf(field), resource: `${kind} ${name}`, field, message };
}
