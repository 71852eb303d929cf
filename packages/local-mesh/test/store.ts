import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { readMeshConfig } from '../src/mesh-config.ts';
import { readResources } from '../src/resources.ts';
import type { Mesh, Workload } from '../src/workloads.ts';

const repository = resolve(import.meta.dirname, '../../..');
export const STANDING = join(repository, 'mesh/istio');
export const TOPOLOGY = join(repository, 'topology.yaml');

const { services } = parse(readFileSync(TOPOLOGY, 'utf8')) as {
  services: Record<string, { versions: Record<string, number> }>;
};
const INSTANCES = Object.entries(services).flatMap(([service, { versions }]) =>
  Object.entries(versions).flatMap(([version, replicas]) =>
    Array.from({ length: replicas }, (_, index) => [service, version, index + 1] as const),
  ),
);

/**
 * Returns the mesh of topology.yaml with its standing resources. `ports` are the gateway's and one for each instance.
 */
export async function createMesh(directory: string, ports: number[]): Promise<Mesh> {
  const workloads = INSTANCES.map(([service, version, index], position): Workload => {
    const name = `${service}-${version}-${index}`;
    return {
      name,
      service,
      version,
      serviceAccount: service,
      labels: { app: service, version },
      inboundPort: ports[position + 1] ?? 0,
      appSocket: join(directory, `${name}.app`),
      outboundSocket: join(directory, `${name}.out`),
      adminSocket: join(directory, `${name}.adm`),
      ready: true,
    };
  });
  return {
    namespace: 'meshmart',
    resources: await readResources([STANDING]),
    meshConfig: await readMeshConfig(join(repository, 'mesh/mesh-config.yaml')),
    workloads,
    gateway: {
      name: 'gateway',
      serviceAccount: 'gateway',
      labels: { istio: 'gateway' },
      port: ports[0] ?? 0,
      adminSocket: join(directory, 'gateway.adm'),
    },
  };
}

/** Finds free ports, one for the gateway and one for each instance. */
export async function freePorts(): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: INSTANCES.length + 1 }, async () => {
      const server = createServer();
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}
