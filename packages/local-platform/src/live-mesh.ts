import { createPublisher } from '@meshmart/local-mesh/publish';
import { overlay, type ResourceSet, readResources } from '@meshmart/local-mesh/resources';
import { translate } from '@meshmart/local-mesh/translate';
import type { Mesh } from '@meshmart/local-mesh/workloads';
import type { XdsServer } from '@meshmart/local-mesh/xds-server';
import { STANDING_RESOURCES } from './mesh.ts';
import { proxyLogFile } from './processes.ts';

export interface Applied {
  tookMs: number;
  /** What `istioctl analyze` would say. */
  warnings: string[];
}

/** The configuration that the proxies have, and the ways to change it. Changes are made one after the other. */
export interface LiveMesh {
  /**
   * Puts files on top of the standing ones, in this order, and resolves when every running proxy has them.
   *
   * @throws MeshConfigError or RejectedUpdateError; the proxies then keep what they had
   */
  apply(files: string[]): Promise<Applied>;
  /** Reads the standing files and those on top of them anew. */
  reload(): Promise<Applied>;
  /**
   * Tells the callers which instances may be called now, and resolves when every running proxy knows; one that hangs must not
   * keep the others from that.
   */
  publishReadiness(): Promise<void>;
  /** @throws RejectedUpdateError when a proxy has refused what it is sent at its start */
  assertAccepted(): Promise<void>;
}

/** How long a change of readiness waits for a proxy, in ms. */
const LATE_AFTER_MS = 2000;

/** @param logs folder of the processes' logs */
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
      // Whoever comes while it is queued is taken along, and waits for it, too.
      queuedReadiness ??= enqueue(async () => {
        queuedReadiness = undefined;
        await publish(mesh.resources, { lateAfterMs: LATE_AFTER_MS });
      });
      return queuedReadiness;
    },
    assertAccepted: () => publisher.assertAccepted(),
  };
}
