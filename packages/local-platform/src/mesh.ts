import { join } from 'node:path';
import { readMeshConfig } from '@meshmart/local-mesh/mesh-config';
import { MeshConfigError } from '@meshmart/local-mesh/problems';
import { RejectedUpdateError } from '@meshmart/local-mesh/publish';
import { readResources } from '@meshmart/local-mesh/resources';
import type { GatewayWorkload, Mesh, Workload } from '@meshmart/local-mesh/workloads';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from '@meshmart/toolchain/config';

/** Folder of the standing mesh, whose files Istio reads, too. */
export const STANDING_RESOURCES = join(config.root, 'mesh/istio');
const MESH_CONFIG = join(config.root, 'mesh/mesh-config.yaml');

/** Reads the standing mesh for these workloads. @throws MeshConfigError with every problem of the files */
export async function readMesh(plan: {
  namespace: string;
  workloads: Workload[];
  gateway: GatewayWorkload;
}): Promise<Mesh> {
  const [resources, meshConfig] = await Promise.all([
    readResources([STANDING_RESOURCES]),
    readMeshConfig(MESH_CONFIG),
  ]);
  return { ...plan, resources, meshConfig };
}

/** Converts an error about the mesh's files into a UserError, and returns any other unchanged. */
export function toUserError(error: unknown): unknown {
  const isAboutFiles = error instanceof MeshConfigError || error instanceof RejectedUpdateError;
  return isAboutFiles ? new UserError(error.message) : error;
}
