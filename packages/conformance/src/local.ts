import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, type Secret } from '@meshmart/local-mesh/certificates';
import { readMeshConfig } from '@meshmart/local-mesh/mesh-config';
import { overlay, readResources } from '@meshmart/local-mesh/resources';
import { type ProxyConfig, translate } from '@meshmart/local-mesh/translate';
import { type Mesh, spiffeId } from '@meshmart/local-mesh/workloads';
import { countInstances, planGateway, planInstances } from '@meshmart/local-platform/instances';
import { readTopology, type Topology } from '@meshmart/store-client/topology';
import { describeCertificate } from './certificate.ts';
import type { Json, MeshDump, ProxyDump } from './dump.ts';
import { normalise } from './normalise.ts';

/** Paths of a mesh's description, in the checkout or in a recording. */
export interface Sources {
  topology: string;
  meshConfig: string;
  /** File or folder with the standing resources. */
  standing: string;
}

/** A state of the mesh that both targets support: manifests laid over the standing resources. */
export interface MeshState {
  name: string;
  /** Paths, in the order of application. */
  manifests: string[];
}

/**
 * Translates the standing resources with manifests laid over them, as the local platform would for the given proxies.
 * (A cluster may currently have more or fewer instances than the topology says.)
 * @throws MeshConfigError when a manifest is refused
 */
export async function dumpLocal(
  sources: Sources,
  manifests: string[],
  proxyNames: string[],
): Promise<MeshDump> {
  const directory = await mkdtemp(join(tmpdir(), 'meshmart-conformance-'));
  try {
    const topology = withReplicas(await readTopology(sources.topology), proxyNames);
    const mesh = await planMesh(topology, sources, directory);
    for (const file of manifests) mesh.resources = overlay(mesh.resources, await readResources([file]));
    const { proxies } = translate(mesh);
    const authority = await createAuthority(join(directory, 'ca'));
    const entries = [mesh.gateway, ...mesh.workloads].map(async ({ name, serviceAccount }) => {
      const id = spiffeId(mesh.meshConfig.trustDomain, mesh.namespace, serviceAccount);
      const config = proxies.get(name);
      if (!config) throw new Error(`nothing was translated for ${name}`);
      return [name, toDump(config, describeSecrets(await authority.issueSecrets(id)))] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  } finally {
    await rm(directory, { recursive: true });
  }
}

function withReplicas(topology: Topology, proxyNames: string[]): Topology {
  const count = (version: string) => proxyNames.filter((name) => name.startsWith(`${version}-`)).length;
  const services = Object.entries(topology.services).map(([name, service]) => {
    const versions = Object.keys(service.versions).map((version) => [version, count(`${name}-${version}`)]);
    return [name, { ...service, versions: Object.fromEntries(versions) }];
  });
  return { ...topology, services: Object.fromEntries(services) };
}

/** Plans the mesh with every instance ready. Ports are arbitrary, since addresses are not compared. */
async function planMesh(topology: Topology, sources: Sources, directory: string): Promise<Mesh> {
  const ports = Array.from({ length: countInstances(topology) }, (_, index) => 20_000 + index);
  return {
    namespace: topology.namespace,
    resources: await readResources([sources.standing]),
    meshConfig: await readMeshConfig(sources.meshConfig),
    workloads: planInstances(topology, directory, ports).map((workload) => ({ ...workload, ready: true })),
    gateway: planGateway(directory, 8080),
  };
}

function toDump({ clusters, listeners, routes }: ProxyConfig, secrets: Record<string, Json>): ProxyDump {
  const byName = (list: { name: string }[]) =>
    Object.fromEntries(list.map((resource) => [resource.name, normalise(resource)]));
  return {
    // Endpoints are part of their cluster here, while Istio sends them separately.
    clusters: byName(clusters.map(({ load_assignment: _, ...cluster }) => cluster as { name: string })),
    endpoints: Object.fromEntries(
      clusters.map(({ name, load_assignment }) => [name, normalise(load_assignment)]),
    ),
    listeners: byName(listeners),
    routes: byName(routes),
    secrets,
  };
}

function describeSecrets(secrets: Secret[]): Record<string, Json> {
  const pems = secrets.map(({ name, tls_certificate, validation_context }) => {
    const { inline_string = '' } = tls_certificate?.certificate_chain ?? validation_context?.trusted_ca ?? {};
    return [name, describeCertificate(inline_string)];
  });
  return Object.fromEntries(pems);
}
