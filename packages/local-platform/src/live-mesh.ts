import { createPublisher } from '@meshmart/local-mesh/publish';
import { overlay, type ResourceSet, readResources } from '@meshmart/local-mesh/resources';
import { translate } from '@meshmart/local-mesh/translate';
import type { Mesh } from '@meshmart/local-mesh/workloads';
import type { XdsServer } from '@meshmart/local-mesh/xds-server';
import { STANDING_RESOURCES } from './mesh.ts';
import { proxyLogFile } from './processes.ts';

export interface Applied {
  tookMs: number;
  /** The warnings that `istioctl analyze` would print. */
  warnings: string[];
}

/** The configuration of the proxies, and the ways to change it. Changes are applied one after the other. */
export interface LiveMesh {
  /**
   * Lays files over the standing ones, in this order, and resolves when every running proxy has them.
   *
   * @throws MeshConfigError or RejectedUpdateError; the proxies then keep their configuration
   */
  apply(files: string[]): Promise<Applied>;
  /** Reads the standing files and the overlay again, and applies them. */
  reload(): Promise<Applied>;
  /**
   * Publishes which instances are ready, and resolves when every running proxy knows. Does not wait longer
   * than 2 s for a proxy that hangs.
   */
  publishReadiness(): Promise<void>;
  /** @throws RejectedUpdateError when a proxy has rejected its first configuration */
  assertAccepted(): Promise<void>;
}

/** Longest wait for a proxy when readiness changes. */
const LATE_AFTER_MS = 2000;

/**
 * Creates the live mesh of these proxies, without a configuration yet.
 *
 * @param logs folder of the processes' logs
 */
export function createLiveMesh(mesh: Mesh, xds: XdsServer, logs: string): LiveMesh {
  const proxies = [...mesh.workloads, mesh.gateway];
  const access = proxies.map(({ name, adminSocket }) => {
    return [name, { adminSocket, logFile: proxyLogFile(logs, name) }] as const;
  });
  const publisher = createPublisher(xds, new Map(access));
  let onTop: string[] = [];
  let last: Promise<unknown> = Promise.resolve();
  let queuedReadiness: Promise<void> | undefined;

  const publish = async (resources: ResourceSet, options?: { lateAfterMs: number }): Promise<Applied> => {
    const translation = translate({ ...mesh, resources });
    const { tookMs } = await publisher.publish(translation, options);
    return { tookMs, warnings: translation.warnings };
  };

  const read = async (files: string[]): Promise<ResourceSet> => {
    let resources = await readResources([STANDING_RESOURCES]);
    for (const file of files) resources = overlay(resources, await readResources([file]));
    return resources;
  };

  const change = async (files: string[]): Promise<Applied> => {
    const resources = await read(files);
    const applied = await publish(resources);
    mesh.resources = resources;
    onTop = files;
    return applied;
  };

  const enqueue = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work, work);
    last = result.catch(() => {});
    return result;
  };

  return {
    apply: (files) => enqueue(() => change(files)),
    reload: () => enqueue(() => change(onTop)),
    publishReadiness() {
      // Calls while one is queued share it.
      queuedReadiness ??= enqueue(async () => {
        queuedReadiness = undefined;
        await publish(mesh.resources, { lateAfterMs: LATE_AFTER_MS });
      });
      return queuedReadiness;
    },
    assertAccepted: () => publisher.assertAccepted(),
  };
}
