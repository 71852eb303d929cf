import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClusterAccess, runHelm } from '@meshmart/cluster/access';
import type { ExistingMesh } from '@meshmart/cluster/existing-mesh';
import { MESH_NAMESPACE, readKubernetesVersion } from '@meshmart/cluster/mesh';
import { STORE_NAMESPACE } from '@meshmart/cluster/store';
import { config } from '@meshmart/toolchain/config';
import { parseAllDocuments, stringify } from 'yaml';
import type { KubeObject } from './manifests.ts';

/** The mesh that the store is in: the one that `up` has installed, or the cluster's own. */
export interface StoreMesh {
  /** Namespace of istiod, and a selector for its pods. */
  istiod: { namespace: string; selector: string };
  /** `name` is the label `istio` of its pods. */
  gateway: { namespace: string; name: string; service: string };
  /** Changes objects of this repository for the mesh, as charts/mesh does. Drops objects that would have no effect. */
  adapt(objects: KubeObject[]): Promise<KubeObject[]>;
}

/** Returns the mesh that `up` installs, for which the objects are written. */
export const installedMesh: StoreMesh = {
  istiod: { namespace: MESH_NAMESPACE, selector: 'app=istiod' },
  gateway: { namespace: STORE_NAMESPACE, name: 'gateway', service: 'gateway' },
  adapt: async (objects) => objects,
};

/** Returns a mesh that the cluster had before `up`. */
export function meshOf(access: ClusterAccess, existing: ExistingMesh): StoreMesh {
  const { namespace, revision, gateway = installedMesh.gateway } = existing;
  return {
    istiod: { namespace, selector: `app=istiod,istio.io/rev=${revision}` },
    gateway,
    adapt: async (objects) => {
      const isIstios = ({ apiVersion }: KubeObject) => /\.istio\.io\//.test(apiVersion);
      const others = objects.filter((object) => !isIstios(object));
      return [...(await renderForMesh(access, objects.filter(isIstios))), ...others];
    },
  };
}

/** Renders objects with the template of charts/mesh and the values of the store's release. */
async function renderForMesh(access: ClusterAccess, objects: KubeObject[]): Promise<KubeObject[]> {
  if (objects.length === 0) return [];
  const inStore = ['--namespace', STORE_NAMESPACE];
  const output = await runHelm(access, ['get', 'values', 'store', '--all', '--output', 'json', ...inStore]);
  const { mesh, global } = JSON.parse(output);
  const chart = mkdtempSync(join(tmpdir(), 'meshmart-mesh-'));
  try {
    const template = 'templates/standing.yaml';
    for (const file of ['Chart.yaml', template])
      cpSync(join(config.root, 'charts/mesh', file), join(chart, file));
    const values = { ...mesh, variant: 'objects', global: { ...mesh.global, ...global } };
    writeFileSync(join(chart, 'values.yaml'), JSON.stringify(values));
    mkdirSync(join(chart, values.variant));
    const text = objects.map((object) => stringify(object)).join('---\n');
    writeFileSync(join(chart, values.variant, 'objects.yaml'), text);
    const version = ['--kube-version', await readKubernetesVersion(access)];
    const rendered = await runHelm(access, ['template', 'store', chart, ...inStore, ...version]);
    return parseAllDocuments(rendered).map((document) => document.toJS());
  } finally {
    rmSync(chart, { recursive: true, force: true });
  }
}
