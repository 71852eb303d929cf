import { dirname, join } from 'node:path';
import type { GatewayWorkload, Workload } from '@meshmart/local-mesh/workloads';
import type { Topology } from '@meshmart/store-client/topology';

/** Returns the Unix socket on which an instance's faults are set; no proxy knows it. */
export function faultsSocketOf({ name, appSocket }: Pick<Workload, 'name' | 'appSocket'>): string {
  return join(dirname(appSocket), `${name}.faults`);
}

/**
 * Returns every instance of every service with its addresses in this run; none is ready yet.
 *
 * @param ports one per instance
 */
export function planInstances(topology: Topology, runDirectory: string, ports: number[]): Workload[] {
  const names = Object.entries(topology.services).flatMap(([service, { versions }]) =>
    Object.entries(versions).flatMap(([version, replicas]) =>
      Array.from({ length: replicas }, (_, index) => ({
        service,
        version,
        name: `${service}-${version}-${index + 1}`,
      })),
    ),
  );
  return names.map(({ service, version, name }, index) => ({
    name,
    service,
    version,
    serviceAccount: service,
    labels: { app: service, version },
    inboundPort: ports[index] as number,
    appSocket: join(runDirectory, `${name}.app`),
    outboundSocket: join(runDirectory, `${name}.out`),
    adminSocket: join(runDirectory, `${name}.admin`),
    ready: false,
  }));
}

/** Returns the number of instances of all services. */
export function countInstances({ services }: Topology): number {
  const replicas = Object.values(services).flatMap(({ versions }) => Object.values(versions));
  return replicas.reduce((sum, count) => sum + count, 0);
}

/** Name of the gateway's process and proxy. */
export const GATEWAY_NAME = 'gateway';

/** Returns the gateway with its addresses in this run. */
export function planGateway(runDirectory: string, port: number): GatewayWorkload {
  return {
    name: GATEWAY_NAME,
    serviceAccount: 'gateway',
    labels: { istio: 'gateway' },
    port,
    adminSocket: join(runDirectory, 'gateway.admin'),
  };
}
