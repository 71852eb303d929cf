import type { Workload } from '@meshmart/local-mesh/workloads';
import type { Supervisor } from '@meshmart/processes/supervisor';

/** Longer than the services' own drain. */
const GRACE_MS = { gateway: 3000, services: 15_000, rest: 10_000 };

/** Against the flow of the calls: nothing new comes in, then the services finish theirs, and only then what they need goes. */
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
