import { copyFileSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { POSTGRES_VERSION, unpackPostgres } from '@meshmart/database/embedded';
import { IN_OWN_GROUP, runTool, type ToolOptions } from '@meshmart/processes/run-tool';
import { config } from '@meshmart/toolchain/config';
import { ensureEnvoy } from '@meshmart/toolchain/envoy';
import { ensureK6, K6_IMAGE } from '@meshmart/toolchain/k6';
import { versions } from '@meshmart/toolchain/versions';
import type { ImageRecipe } from './images.ts';
import { PAUSE_IMAGE } from './layout.ts';
import { toolFolder } from './tools.ts';

const folder = join(config.root, 'cluster/from-source/images');
const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch as 'x64' | 'arm64'];

/** Hub and tag, to which Istio's charts add the names of the images. */
export const istioHub = 'docker.io/istio';
export const istioTag = `${versions.istioLine}-${versions.istio.split('-').at(-1)}`;

const bootstrapArguments = [
  '--variant=minbase',
  // /usr is merged from the start. The package `usrmerge` would only add Perl.
  '--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr',
  `--setup-hook=printf 'Package: usrmerge\\nPin: release *\\nPin-Priority: -1\\n' > "$1"/etc/apt/preferences.d/no-usrmerge`,
  '--customize-hook=rm "$1"/etc/apt/preferences.d/no-usrmerge',
  // The official slim image leaves these out as well.
  ...['doc', 'info', 'linda', 'lintian', 'locale', 'man'].map(
    (name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`,
  ),
  versions.debian,
];

/** Images have their official names, so that the Dockerfiles work with official images as well. */
export const debianImage: ImageRecipe = {
  image: `docker.io/library/debian:${versions.debian}-slim`,
  dockerfile: join(folder, 'debian.Dockerfile'),
  context: bootstrapDebian,
  madeOf: bootstrapArguments,
};

const nodeImage: ImageRecipe = {
  image: `docker.io/library/node:${versions.node.split('.')[0]}-${versions.debian}-slim`,
  dockerfile: join(folder, 'node.Dockerfile'),
  from: debianImage,
  context: fetchNode,
  madeOf: [versions.node, versions.npm],
};

const pauseImage: ImageRecipe = {
  image: PAUSE_IMAGE,
  dockerfile: join(folder, 'pause.Dockerfile'),
  context: buildPause,
  madeOf: [],
};

const istioBase: ImageRecipe = {
  image: 'localhost/meshmart/istio-base:1',
  dockerfile: join(folder, 'istio-base.Dockerfile'),
  from: debianImage,
  context: folder,
  madeOf: [],
};

const metricsServerImage: ImageRecipe = {
  image: `registry.k8s.io/metrics-server/metrics-server:v${versions.metricsServer}`,
  dockerfile: join(folder, 'metrics-server.Dockerfile'),
  context: toolFolder('metrics-server'),
  madeOf: [versions.metricsServer],
};

export const postgresImage: ImageRecipe = {
  image: `docker.io/library/postgres:${POSTGRES_VERSION.split('.')[0]}`,
  dockerfile: join(folder, 'postgres.Dockerfile'),
  from: debianImage,
  context: (context) => unpackPostgres(join(context, 'native')),
  madeOf: [POSTGRES_VERSION],
};

/** Image of k6, for load from within the cluster. */
const k6Image: ImageRecipe = {
  image: K6_IMAGE,
  dockerfile: join(folder, 'k6.Dockerfile'),
  from: debianImage,
  context: async (context, { signal, onLine }) =>
    copyFileSync(await ensureK6({ signal, onLine }), join(context, 'k6')),
  madeOf: [versions.k6],
};

const pilotImage = istioImage('pilot');
const cniImage = istioImage('install-cni');
const proxyImage: ImageRecipe = {
  ...istioImage('proxyv2'),
  moreContexts: async (options) => ({ envoy: dirname(await ensureEnvoy(options)) }),
  madeOf: [versions.istio, versions.envoy],
};

/** Images that the node needs, besides those of the services. */
export const platformImages = [
  pauseImage,
  pilotImage,
  proxyImage,
  cniImage,
  metricsServerImage,
  postgresImage,
  k6Image,
];

/** All images, each after its base image. */
export const builtImages = [debianImage, nodeImage, istioBase, ...platformImages];

function istioImage(name: string): ImageRecipe {
  return {
    image: `${istioHub}/${name}:${istioTag}`,
    dockerfile: join(folder, `${name}.Dockerfile`),
    from: istioBase,
    context: toolFolder('istio'),
    madeOf: [versions.istio],
  };
}

function bootstrapDebian(context: string, options: ToolOptions): Promise<string> {
  return runTool('mmdebstrap', [...bootstrapArguments, join(context, 'debian.tar')], options);
}

/** Fetches Node, whose npm packages contain plain binaries, and npm. */
async function fetchNode(context: string, options: ToolOptions): Promise<void> {
  const packages = [`node-linux-${process.arch}@${versions.node}`, `npm@${versions.npm}`];
  const args = ['install', '--prefix', context, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts'];
  // Node has its own certificate authorities, and needs those of this machine as well.
  const env = existsSync(config.certificates) ? { NODE_EXTRA_CA_CERTS: config.certificates } : {};
  await runTool('npm', [...args, ...packages], { ...options, cwd: context, env });
}

async function buildPause(context: string, options: ToolOptions): Promise<void> {
  copyFileSync(join(folder, 'pause.go'), join(context, 'pause.go'));
  const env = { CGO_ENABLED: '0', GOFLAGS: '', GOTMPDIR: context, GOARCH: architecture };
  await runTool('go', ['build', '-ldflags=-s -w', '-o', 'pause', 'pause.go'], {
    ...options,
    ...IN_OWN_GROUP,
    cwd: context,
    env,
  });
}
