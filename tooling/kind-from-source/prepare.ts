/**
 * Builds and fetches programs and images unless they exist: prepare.ts FOLDER. Writes the list of the images' archives to
 * FOLDER/images, the sources for `cluster up` to FOLDER/sources.json, and the folders of the programs to FOLDER/path.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argoCdImages, argoRolloutsImage } from '@meshmart/cluster-from-source/argo-cd-images';
import { debianProgramsFolder, installStep, unpackStep } from '@meshmart/cluster-from-source/debian-packages';
import { builtImages } from '@meshmart/cluster-from-source/image-recipes';
import { archiveOf, ensureImage } from '@meshmart/cluster-from-source/images';
import { meshFromSource } from '@meshmart/cluster-from-source/mesh';
import { observabilityImages } from '@meshmart/cluster-from-source/observability-images';
import { toolFolder, toolSteps } from '@meshmart/cluster-from-source/tools';
import { IN_OWN_GROUP, runTool } from '@meshmart/processes/run-tool';
import { listenForInterruption } from '@meshmart/terminal/interruption';
import { runSteps } from '@meshmart/terminal/progress';
import { config } from '@meshmart/toolchain/config';
import { versions } from '@meshmart/toolchain/versions';

const folder = process.argv[2] ?? '';
const programs = join(folder, 'programs');
const images = [...builtImages, ...observabilityImages, ...argoCdImages, argoRolloutsImage];
const { stop: signal } = listenForInterruption();

await runSteps([
  ...(await installStep(signal)),
  unpackStep(signal),
  ...toolSteps(signal),
  {
    title: 'Images of Debian, Node, PostgreSQL, Istio, observability and Argo CD',
    run: async (onLine) => {
      for (const recipe of images) await ensureImage(recipe, { signal, onLine });
    },
  },
  {
    title: 'kind, kubeadm, etcd, kube-network-policies, local-path-provisioner and crictl; Docker',
    run: (onLine) => {
      const script = join(import.meta.dirname, 'build-programs.sh');
      return runTool('bash', [script, programs, versions.kubernetes], { signal, onLine, ...IN_OWN_GROUP });
    },
  },
]);
writeFileSync(join(folder, 'images'), images.map((recipe) => `${archiveOf(recipe)}\n`).join(''));
writeFileSync(join(folder, 'sources.json'), JSON.stringify(sources(), null, 2));
writeFileSync(join(folder, 'path'), searchPath());

function sources() {
  const { title, chart, gatewayApi, metricsServer } = meshFromSource;
  // Upstream's Envoy needs these values. Those for the CNI plugin belong to the other provider's node.
  const values = ['-f', join(config.root, 'cluster/from-source/istio/istiod.yaml')];
  const charts = Object.fromEntries((['base', 'cni', 'gateway'] as const).map((name) => [name, chart(name)]));
  return {
    nodeImage: `localhost/meshmart/kind-node:v${versions.kubernetes}`,
    title,
    charts: { ...charts, istiod: [...chart('istiod'), ...values] },
    gatewayApi,
    metricsServer: metricsServer?.manifests,
    argo: {
      cd: join(toolFolder('argo-cd'), 'core-install.yaml'),
      rollouts: join(toolFolder('argo-rollouts'), 'install.yaml'),
    },
  };
}

/** Returns the folders of the programs. Those of kind come first: Debian has an older etcd. */
function searchPath(): string {
  const docker = ['docker/usr/bin', 'docker/usr/sbin'].map((name) => join(programs, name));
  const tools = (['kubernetes', 'coredns', 'helm', 'istio'] as const).map((name) => toolFolder(name));
  const debian = ['usr/bin', 'usr/sbin'].map((name) => join(debianProgramsFolder(), name));
  return [programs, ...docker, ...tools, ...debian].join(':');
}
