import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from '@meshmart/processes/find-program';
import { IN_OWN_GROUP, runTool, type ToolOptions } from '@meshmart/processes/run-tool';
import type { Step } from '@meshmart/terminal/progress';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from '@meshmart/toolchain/config';
import { explainGoFailure } from '@meshmart/toolchain/go';
import { installOnce } from '@meshmart/toolchain/install-once';
import { versions } from '@meshmart/toolchain/versions';

interface Tool {
  title: string;
  version: string;
  /** A file that its script creates. */
  file: string;
}

/** Tools with a script in cluster/from-source/tools, in the order of their builds: the longest first. */
const tools = {
  kubernetes: { title: 'Kubernetes', version: versions.kubernetes, file: 'kubectl' },
  istio: { title: 'Istio', version: versions.istio, file: 'istioctl' },
  helm: { title: 'Helm', version: versions.helm, file: 'helm' },
  coredns: { title: 'CoreDNS', version: versions.coredns, file: 'coredns' },
  'metrics-server': { title: 'metrics-server', version: versions.metricsServer, file: 'metrics-server' },
  prometheus: { title: 'Prometheus', version: versions.prometheus, file: 'prometheus' },
  jaeger: { title: 'Jaeger', version: versions.jaeger, file: 'jaeger' },
  'argo-cd': { title: 'Argo CD', version: versions.argoCd, file: 'argocd' },
  'argo-rollouts': { title: 'Argo Rollouts', version: versions.argoRollouts, file: 'rollouts-controller' },
  'gateway-api': { title: 'Gateway API', version: versions.gatewayApi, file: 'standard' },
} satisfies Record<string, Tool>;

export type ToolName = keyof typeof tools;
type Settings = Pick<typeof config, 'cacheDirectory' | 'searchPath' | 'root'>;

/** Returns the folder of a tool in the cache. */
export function toolFolder(
  name: ToolName,
  { cacheDirectory }: Pick<Settings, 'cacheDirectory'> = config,
): string {
  return join(cacheDirectory, `${name}-${tools[name].version}`);
}

/**
 * Returns one step per tool, which builds it from its Go module unless the cache has it. An interrupted build leaves no
 * partial tool, but keeps Go's cache, so that the next one resumes.
 *
 * @param leftOut tools that are not needed
 */
export function toolSteps(signal: AbortSignal, leftOut: ToolName[] = []): Step[] {
  const wanted = Object.entries(tools).filter(([name]) => !leftOut.includes(name as ToolName));
  return wanted.map(([name, { title, version }]) => ({
    title: `${title} ${version}`,
    run: (onLine) => ensureTool(name as ToolName, { signal, onLine }),
  }));
}

/** Builds a tool unless the cache has it. @throws UserError with the next step if the build fails */
export async function ensureTool(
  name: ToolName,
  options: ToolOptions,
  settings: Settings = config,
): Promise<void> {
  const { title, version, file } = tools[name];
  // Go's caches, apart from the user's own. They take gigabytes, and nothing needs them after the last build.
  const kept = join(settings.cacheDirectory, 'go');
  const compiled = join(kept, name);
  await installOnce(toolFolder(name, settings), file, async (fresh) => {
    if (!(await findProgram('go', settings.searchPath))) {
      throw new UserError(`${title} is built with Go, which is not installed: https://go.dev/dl`);
    }
    const script = join(settings.root, `cluster/from-source/tools/${name}.sh`);
    const env = { GOCACHE: compiled, GOMODCACHE: join(kept, 'modules') };
    await runTool('bash', [script, version, fresh], { ...options, ...IN_OWN_GROUP, env }).catch((error) => {
      throw new UserError(`${title} ${version} could not be built: ${explainGoFailure(error)}`);
    });
  });
  const isBuilt = ([other, { file: program }]: [string, Tool]) =>
    existsSync(join(toolFolder(other as ToolName, settings), program));
  // A parallel build of the same tool fails from this, but nothing needs it any more.
  const unneeded = Object.entries(tools).every(isBuilt) ? kept : compiled;
  await rm(unneeded, { recursive: true, force: true, maxRetries: 10 });
}
