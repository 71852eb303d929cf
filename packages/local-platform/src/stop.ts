import type { Workload } from '@meshmart/local-mesh/workloads';
import type { Supervisor } from '@meshmart/processes/supervisor';

/** Time for a graceful stop; the services' own drain is shorter. */
const GRACE_MS = { gateway: 3000, services: 15_000, rest: 10_000 };

/** Stops the gateway first, then the services, which finish their requests, then sidecars and database. */
export async function stopProcesses(
  supervisor: Supervisor,
  workloads: Workload[],
  force: AbortSignal | undefined,
): Promise<void> {
  supervisor.close();
  const services = workloads.map(({ name }) => name);
  await supervisor.stop(['gateway'], GRACE_MS.gateway, force);
  await supervisor.stop(services, GRACE_MS.services, force);
  await supervisor.stop(supervisor.names(), GRACE_MS.rest, force);
}
