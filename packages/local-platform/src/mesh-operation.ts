import { rmSync } from 'node:fs';
import { createOverlayLock, type OverlayHolder } from './control/overlay-holder.ts';
import { type CertificatesRequest, type OverlayRequest, serveControl } from './control/server.ts';
import type { Applied, LiveMesh } from './live-mesh.ts';
import { STANDING_RESOURCES } from './mesh.ts';
import { watchFiles } from './watch-files.ts';
import type { WorkloadCertificates } from './workload-certificates.ts';

/** Interval between checks that the holder of the overlay lives. */
const HOLDER_CHECK_MS = 500;
/** Delay before another attempt to restore the standing mesh, for example while one of its files is wrong. */
const RETRY_MS = 1000;

interface OperationOptions {
  live: LiveMesh;
  setCertificateLifetime: WorkloadCertificates['setLifetime'];
  controlSocket: string;
  status(overlay: OverlayHolder | null): object;
  databases(): object;
  report(line: string): void;
}

/**
 * Applies changes to the running mesh: saved files in `mesh/istio`, and overlays from the control socket.
 * Restores the standing mesh, and certificates of 24 h, when the holder of the overlay dies.
 *
 * @returns a function that ends this
 */
export async function operateMesh(options: OperationOptions): Promise<() => void> {
  const { live, setCertificateLifetime, controlSocket, status, databases, report } = options;
  const overlay = createOverlayLock();
  const watch = watchFiles(STANDING_RESOURCES, async (file) => {
    try {
      const { tookMs, warnings } = await live.reload();
      report(`${file} is live in every proxy after ${Math.round(tookMs)} ms`);
      for (const warning of warnings) report(`warning: ${warning}`);
    } catch (error) {
      report(`${(error as Error).message}\n${file} was not applied; the proxies keep their configuration`);
    }
  });

  const apply = async (files: string[]): Promise<Applied> => {
    const applied = await live.apply(files);
    watch.setFiles(files);
    return applied;
  };
  const putOverlay = async ({ pid, experiment, files }: OverlayRequest): Promise<Applied> => {
    const held = overlay.current();
    overlay.take(pid, experiment);
    return apply(files).catch((error) => {
      if (!held) overlay.release(pid);
      throw error;
    });
  };
  const putCertificates = async ({ pid, lifetimeS }: CertificatesRequest): Promise<void> => {
    overlay.refuseOthers(pid);
    if (overlay.current()) await setCertificateLifetime(lifetimeS * 1000);
  };
  const restore = async (): Promise<Applied> => {
    await setCertificateLifetime();
    return apply([]);
  };
  const deleteOverlay = async (pid: number): Promise<Applied> => {
    overlay.refuseOthers(pid);
    const applied = await restore();
    overlay.release(pid);
    return applied;
  };
  const restoreOrphan = async () => {
    const holder = overlay.current();
    if (!holder || !overlay.isOrphaned()) return;
    await restore();
    if (overlay.current() !== holder) return; // another experiment has started meanwhile
    overlay.release(holder.pid);
    report(`The experiment ${holder.experiment} has died; the standing mesh is restored`);
  };

  let ended = false;
  let lastFailure = '';
  const checkHolder = async (): Promise<void> => {
    const failure = await restoreOrphan().then(
      () => '',
      (error: Error) => error.message,
    );
    if (failure && failure !== lastFailure)
      report(`${failure}\nThe standing mesh is not restored yet; retrying`);
    lastFailure = failure;
    if (!ended) timer = setTimeout(checkHolder, failure ? RETRY_MS : HOLDER_CHECK_MS);
  };
  let timer = setTimeout(checkHolder, HOLDER_CHECK_MS);
  const handlers = {
    status: () => status(overlay.current()),
    databases,
    putOverlay,
    putCertificates,
    deleteOverlay,
  };
  const server = await serveControl(controlSocket, handlers);
  return () => {
    ended = true;
    clearTimeout(timer);
    watch.close();
    server.closeAllConnections();
    server.close();
    rmSync(controlSocket, { force: true });
  };
}
