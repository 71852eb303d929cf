import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readAdmin } from '../src/admin.ts';
import { bootstrap, envoyArguments } from '../src/bootstrap.ts';
import { createAuthority } from '../src/certificates.ts';
import { createPublisher } from '../src/publish.ts';
import { overlay, readResources } from '../src/resources.ts';
import { translate } from '../src/translate.ts';
import { type Mesh, spiffeId, type Workload } from '../src/workloads.ts';
import { serveXds } from '../src/xds-server.ts';
import { findEnvoy } from './envoy-path.ts';
import { createMesh, freePorts } from './store.ts';

/** The sidecars that run. The other workloads are only addresses. */
const RUNNING = ['product-v1-1', 'product-v1-2', 'product-v2-1', 'order-v1-1'];

export interface RunningStore {
  mesh: Mesh;
  directory: string;
  order: Workload;
  product: Workload;
  /** Lays YAML over the standing mesh, and applies `change` to the workloads. */
  apply(
    yaml: string,
    change?: (workload: Workload) => Workload,
  ): Promise<{ tookMs: number; warnings: string[] }>;
  stop(): Promise<void>;
}

export async function startStore(): Promise<RunningStore> {
  const envoy = findEnvoy();
  const directory = mkdtempSync(join(tmpdir(), 'mesh-'));
  const mesh = await createMesh(directory, await freePorts());
  const xdsSocket = join(directory, 'xds.sock');
  const xds = await serveXds(xdsSocket);
  const authority = await createAuthority(join(directory, 'ca'));
  const proxies = [...mesh.workloads.filter(({ name }) => RUNNING.includes(name)), mesh.gateway];
  const logFileOf = (name: string) => join(directory, `${name}.log`);
  const access = proxies.map(
    ({ name, adminSocket }) => [name, { adminSocket, logFile: logFileOf(name) }] as const,
  );
  const publisher = createPublisher(xds, new Map(access));

  async function apply(yaml: string, change: (workload: Workload) => Workload = (workload) => workload) {
    const file = join(directory, 'overlay.yaml');
    writeFileSync(file, yaml);
    const resources = overlay(mesh.resources, await readResources([file]));
    const translation = translate({ ...mesh, resources, workloads: mesh.workloads.map(change) });
    return { ...(await publisher.publish(translation)), warnings: translation.warnings };
  }

  await apply('');
  const apps = mesh.workloads.filter(({ name }) => RUNNING.includes(name)).map(startApp);
  const envoys: ChildProcess[] = [];
  for (const { name, serviceAccount, adminSocket } of proxies) {
    const identity = spiffeId('cluster.local', mesh.namespace, serviceAccount);
    for (const secret of await authority.issueSecrets(identity))
      xds.set({ proxy: name, type: 'secrets', name: secret.name }, [secret]);
    const bootstrapFile = join(directory, `${name}.json`);
    const options = { name, service: serviceAccount, namespace: mesh.namespace, adminSocket };
    writeFileSync(bootstrapFile, JSON.stringify(bootstrap(options, xdsSocket)));
    const args = envoyArguments({ bootstrapFile, concurrency: 1, logFile: logFileOf(name) });
    envoys.push(spawn(envoy, args, { stdio: 'ignore' }));
  }

  async function stop() {
    await Promise.all(envoys.map(end));
    for (const app of apps) {
      app.closeAllConnections();
      app.close();
    }
    xds.close();
    rmSync(directory, { recursive: true });
  }

  try {
    await Promise.all(proxies.map(({ adminSocket }) => untilReady(adminSocket)));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    mesh,
    directory,
    order: workloadOf(mesh, 'order-v1-1'),
    product: workloadOf(mesh, 'product-v1-1'),
    apply,
    stop,
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((exited) => child.once('exit', exited).kill('SIGKILL'));
}

function workloadOf(mesh: Mesh, name: string): Workload {
  const workload = mesh.workloads.find((candidate) => candidate.name === name);
  if (!workload) throw new Error(`no workload ${name}`);
  return workload;
}

/**
 * Responds with its name and the request. `x-ask-slow: 500` delays by as many ms, `x-ask-fail: NAME` makes NAME respond
 * 503.
 */
function startApp({ name, appSocket }: Workload): Server {
  const server = createServer(async (request, response) => {
    await sleep(Number(request.headers['x-ask-slow'] ?? 0));
    response.statusCode = request.headers['x-ask-fail'] === name ? 503 : 200;
    response.setHeader('x-instance', name);
    response.setHeader('x-remove-me', 'still here');
    response.end(JSON.stringify({ url: request.url, headers: request.headers }));
  });
  server.keepAliveTimeout = 60_000;
  return server.listen(appSocket);
}

async function untilReady(adminSocket: string): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(50)) {
    const reply = await readAdmin(adminSocket, '/ready').catch(() => '');
    if (reply.startsWith('LIVE')) return;
  }
  throw new Error(`${adminSocket}: Envoy was not ready in 60 s`);
}
