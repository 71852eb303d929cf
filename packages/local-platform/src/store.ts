import { join } from 'node:path';
import type { Mesh } from '@meshmart/local-mesh/workloads';
import { serveXds } from '@meshmart/local-mesh/xds-server';
import { findFreePorts } from '@meshmart/processes/ports';
import type { Topology } from '@meshmart/store-client/topology';
import { runSteps } from '@meshmart/terminal/progress';
import { prepareDatabases } from './database.ts';
import { countInstances, planGateway, planInstances } from './instances.ts';
import type { Layout } from './layout.ts';
import { createLiveMesh, type LiveMesh } from './live-mesh.ts';
import { readMesh } from './mesh.ts';
import { startProxies } from './proxies.ts';
import type { Run } from './run.ts';
import { ensureSecrets, type Secrets } from './secrets.ts';
import { startServices, waitForGateway } from './services.ts';
import { stopProcesses } from './stop.ts';
import type { WorkloadCertificates } from './workload-certificates.ts';

interface StoreOptions {
  layout: Layout;
  /** The caller closes it after the store has stopped or failed to start. */
  run: Run;
  topology: Topology;
  /** Port of the gateway. */
  port: number;
  /** Path of the Envoy binary. */
  envoy: string;
  signal: AbortSignal | undefined;
  report(line: string): void;
}

/** All processes of the store, running. */
interface Store {
  gatewayUrl: string;
  mesh: Mesh;
  live: LiveMesh;
  setCertificateLifetime: WorkloadCertificates['setLifetime'];
  /** By service. */
  databaseUrls: Map<string, string>;
  admin: Secrets['admin'];
  failure: Promise<never>;
  /** Makes `stop` use SIGKILL once this signal is aborted. */
  forceBy(signal: AbortSignal): void;
  stop(): Promise<void>;
}

/**
 * Starts databases, proxies and services, and resolves when the gateway responds. A failed start leaves
 * nothing running.
 */
export async function startStore(options: StoreOptions): Promise<Store> {
  const { layout, run, topology, port, envoy, signal, report } = options;
  const closing = new AbortController();
  let force: AbortSignal | undefined;
  await using undo = new AsyncDisposableStack();
  const { supervisor, directory, track } = run;

  const ports = await findFreePorts(countInstances(topology), [port]);
  const workloads = planInstances(topology, directory, ports);
  const gateway = planGateway(directory, port);
  const { namespace } = topology;
  const mesh = await readMesh({ namespace, workloads, gateway });
  const xdsSocket = join(directory, 'xds.sock');
  const xds = await serveXds(xdsSocket);
  undo.defer(() => xds.close());
  const live = createLiveMesh(mesh, xds, layout.logs);
  const secrets = ensureSecrets(layout.secrets);
  const begun: Promise<unknown>[] = [];
  undo.defer(async () => void (await Promise.allSettled(begun))); // an aborted step may still use the run
  undo.defer(() => stopProcesses(supervisor, workloads, force));
  undo.defer(() => closing.abort());

  const context = { supervisor, layout, secrets, directory, track, report, signal: closing.signal };
  const breakOff = Promise.race([supervisor.failure, rejectWhenAborted(signal)]);
  const step = (title: string, work: (show: (detail: string) => void) => Promise<unknown>) => ({
    title,
    run: (show: (detail: string) => void) => {
      const done = work(show);
      begun.push(done);
      return Promise.race([done, breakOff]);
    },
  });
  let databaseUrls = new Map<string, string>();
  const databases = step('Databases', async (show) => {
    databaseUrls = await prepareDatabases(topology, context, show);
  });
  let certificates: WorkloadCertificates | undefined;
  const proxies = step('Sidecars and gateway', async () => {
    certificates = await startProxies(mesh, live, { ...context, envoy, xds, xdsSocket });
  });
  await runSteps([databases, proxies], { concurrent: true });

  const gatewayUrl = `http://127.0.0.1:${port}`;
  const services = step('Services', async (show) => {
    await startServices(mesh, live, { ...context, services: topology.services, databaseUrls, show });
    await waitForGateway(gatewayUrl, context);
  });
  await runSteps([services]);

  const everything = undo.move();
  return {
    gatewayUrl,
    mesh,
    live,
    setCertificateLifetime: async (lifetimeMs) => certificates?.setLifetime(lifetimeMs),
    databaseUrls,
    admin: secrets.admin,
    failure: supervisor.failure,
    forceBy: (by) => {
      force = by;
    },
    stop: () => everything.disposeAsync(),
  };
}

function rejectWhenAborted(signal: AbortSignal | undefined): Promise<never> {
  const aborted = Promise.withResolvers<never>();
  const reject = () => aborted.reject(new Error('interrupted'));
  if (signal?.aborted) reject();
  signal?.addEventListener('abort', reject, { once: true });
  aborted.promise.catch(() => {}); // unobserved after the start
  return aborted.promise;
}
