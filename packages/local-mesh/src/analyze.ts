import type { Destination } from './destination-rule.ts';
import { gatewayName, selectsGateway } from './gateway.ts';
import { findService, outboundCluster, resolveHost } from './hosts.ts';
import type { Resource } from './resources.ts';
import { MESH_GATEWAY } from './virtual-service.ts';
import type { Mesh } from './workloads.ts';

/**
 * What Istio accepts although it cannot work, in the words of `istioctl analyze`: requests that go there are answered 503 `NC`.
 * Source: pkg/config/analysis/analyzers/virtualservice and analyzers/gateway.
 */
export function analyze(mesh: Mesh, destinations: Destination[]): string[] {
  const clusters = new Set(destinations.map(({ cluster }) => cluster));
  const gatewayNames = mesh.resources.gateways.map(({ name }) => name);
  const notFound = (resource: Resource<unknown>, field: string, what: string, name: string) =>
    `${resource.file}:${resource.lineOf(field)}: Error [IST0101] (${resource.kind} ${mesh.namespace}/${resource.name}) ` +
    `Referenced ${what} not found: "${name}"`;

  const gateways = mesh.resources.gateways
    .filter((gateway) => !selectsGateway(mesh, gateway))
    .map((gateway) => notFound(gateway, 'spec.selector', 'selector', printLabels(gateway.spec.selector)));

  const virtualServices = mesh.resources.virtualServices.flatMap((resource) => {
    const unbound = (resource.spec.gateways ?? [])
      .map((reference, index) => ({ reference, field: `spec.gateways[${index}]` }))
      .filter(
        ({ reference }) =>
          reference !== MESH_GATEWAY && !gatewayNames.includes(gatewayName(reference, mesh.namespace)),
      )
      .map(({ reference, field }) => notFound(resource, field, 'gateway', reference));
    const lost = resource.spec.http.flatMap(({ route }, http) =>
      route.flatMap(({ destination: { host, subset } }, index) => {
        const field = `spec.http[${http}].route[${index}].destination`;
        const fullHost = resolveHost(host, mesh.namespace);
        if (!findService(mesh, fullHost)) return [notFound(resource, `${field}.host`, 'host', host)];
        if (clusters.has(outboundCluster(fullHost, subset))) return [];
        return [notFound(resource, `${field}.subset`, 'host+subset in destinationrule', `${host}+${subset}`)];
      }),
    );
    return [...unbound, ...lost];
  });
  return [...gateways, ...virtualServices];
}

function printLabels(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}
