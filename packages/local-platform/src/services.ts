import { setTimeout as sleep } from 'node:timers/promises';
import type { Mesh, Workload } from '@meshmart/local-mesh/workloads';
import type { Supervisor } from '@meshmart/processes/supervisor';
import type { Topology } from '@meshmart/store-client/topology';
import { UserError } from '@meshmart/terminal/user-error';
import type { Layout } from './layout.ts';
import type { LiveMesh } from './live-mesh.ts';
import { serviceProcess } from './processes.ts';
import { keepProbing } from './readiness.ts';
import { type Secrets, serverSecrets } from './secrets.ts';

const READY_TIMEOUT_MS = 90_000;

interface ServicesContext {
  supervisor: Supervisor;
  layout: Layout;
  secrets: Secrets;
  services: Topology['services'];
  databaseUrls: Map<string, string>;
  /** Aborted when the platform is stopped. */
  signal: AbortSignal;
  report(line: string): void;
  show(detail: string): void;
}

/**
 * Starts every instance and probes each from then on. Resolves when all are ready and every proxy uses them.
 *
 * @throws UserError when one is not ready after 90 s
 */
export async function startServices(mesh: Mesh, live: LiveMesh, context: ServicesContext): Promise<void> {
  const { supervisor, signal, services, secrets, report, show } = context;
  const { workloads } = mesh;
  const seen = new Set<Workload>();
  const publish = () => {
    if (!signal.aborted) live.publishReadiness().catch((error) => report(error.message));
  };
  const onChange = (workload: Workload) => {
    if (seen.has(workload)) report(`${workload.name} is ${workload.ready ? 'ready again' : 'not ready'}`);
    if (workload.ready) seen.add(workload);
    show(`${seen.size} of ${workloads.length} are ready`);
    publish();
  };
  for (const workload of workloads) {
    const databaseUrl = context.databaseUrls.get(workload.service);
    const extra = serverSecrets(services[workload.service]?.secrets ?? [], secrets);
    const onDeath = () => {
      workload.ready = false;
      publish();
    };
    supervisor.start({ ...serviceProcess(workload, { databaseUrl, extra }), onDeath });
    void keepProbing(workload, () => onChange(workload), signal);
  }
  await waitUntilReady(workloads, context);
  await live.publishReadiness();
}

async function waitUntilReady(workloads: Workload[], { signal, layout }: ServicesContext): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!signal.aborted) {
    const late = workloads.find(({ ready }) => !ready);
    if (!late) return;
    if (Date.now() > deadline) {
      throw new UserError(
        `${late.name} did not become ready within ${READY_TIMEOUT_MS / 1000} s; read its log in ${layout.logs}`,
      );
    }
    await sleep(50);
  }
}

/**
 * Waits at most 15 s for a page of the catalogue through gateway and sidecar.
 *
 * @throws UserError with the last response
 */
export async function waitForGateway(
  gatewayUrl: string,
  { signal, layout }: Pick<ServicesContext, 'signal' | 'layout'>,
): Promise<void> {
  const deadline = Date.now() + 15_000;
  let response = '';
  while (!signal.aborted && Date.now() < deadline) {
    response = await fetch(`${gatewayUrl}/products?limit=1`).then(
      async (page) => (page.ok ? 'ok' : `${page.status} ${await page.text()}`),
      (error) => error.cause?.message ?? error.message,
    );
    if (response === 'ok') return;
    await sleep(100);
  }
  throw new UserError(
    `The gateway does not serve ${gatewayUrl}/products: ${response}; logs are in ${layout.logs}`,
  );
}
