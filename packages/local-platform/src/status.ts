import type { Mesh } from '@meshmart/local-mesh/workloads';
import type { OverlayHolder } from './control/overlay-holder.ts';
import { faultsSocketOf } from './instances.ts';

/** Returns a function that builds the response to `GET /status` of the control socket. */
export function buildStatus(
  { pid, startedAt, gatewayUrl }: { pid: number; startedAt: string; gatewayUrl: string },
  { workloads, gateway }: Mesh,
) {
  return (overlay: OverlayHolder | null) => ({
    pid,
    startedAt,
    gatewayUrl,
    instances: workloads.map(({ ready, name, service, version, inboundPort, appSocket, adminSocket }) => ({
      name,
      service,
      version,
      state: ready ? 'ready' : 'starting',
      inboundPort,
      appSocket,
      faultsSocket: faultsSocketOf({ name, appSocket }),
      adminSocket,
    })),
    gateway: { adminSocket: gateway.adminSocket },
    overlay: overlay && { experiment: overlay.experiment, pid: overlay.pid },
  });
}
