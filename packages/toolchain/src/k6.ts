import { join } from 'node:path';
import { findProgram } from '@meshmart/processes/find-program';
import { IN_OWN_GROUP, runTool, type ToolOptions } from '@meshmart/processes/run-tool';
import { runSteps } from '@meshmart/terminal/progress';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from './config.ts';
import { explainGoFailure } from './go.ts';
import { installOnce } from './install-once.ts';
import { ACCEPTED, isAccepted, versions } from './versions.ts';

type K6Settings = Pick<typeof config, 'cacheDirectory' | 'searchPath'>;

/** The official image. Without a registry, `cluster` builds it from the k6 below. */
export const K6_IMAGE = `docker.io/grafana/k6:${versions.k6}`;

const OTHER_WAY = `or put k6 ${versions.k6} on the PATH (https://grafana.com/docs/k6/latest/set-up/install-k6/)`;

/**
 * Returns the path of a k6: from the PATH or the cache, else built once from its Go module, which takes about
 * a minute.
 *
 * @param onLine receives the build's output; without it, the build is shown as a step
 * @throws UserError that says what to do when none can be built
 */
export async function ensureK6(
  { signal, onLine }: Pick<ToolOptions, 'signal' | 'onLine'> = {},
  settings: K6Settings = config,
): Promise<string> {
  const found = await findProgram('k6', settings.searchPath);
  if (found && (await hasAcceptedVersion(found))) return found;
  const folder = join(settings.cacheDirectory, `k6-${versions.k6}`);
  return installOnce(folder, 'k6', async (fresh) => {
    const run = (show: (line: string) => void) => build(fresh, settings, { signal, onLine: show });
    if (onLine) return run(onLine);
    await runSteps([{ title: `k6 ${versions.k6}, built once from its Go module (about 70 s)`, run }]);
  });
}

/** Checks the output of `k6 version`, such as `k6 v1.8.1 (go1.26.8, linux/amd64)`. */
async function hasAcceptedVersion(path: string): Promise<boolean> {
  const output = await runTool(path, ['version']).catch(() => '');
  return isAccepted(output, ACCEPTED.k6);
}

async function build(fresh: string, settings: K6Settings, options: ToolOptions): Promise<void> {
  const go = await findProgram('go', settings.searchPath);
  if (!go)
    throw new UserError(
      `k6 is built with Go, and go is missing: install it (https://go.dev/dl), ${OTHER_WAY}`,
    );
  const env = { GOBIN: fresh, GOTMPDIR: fresh, CGO_ENABLED: '0', GOFLAGS: '' };
  const args = ['install', '-v', `go.k6.io/k6@v${versions.k6}`];
  await runTool(go, args, { ...options, ...IN_OWN_GROUP, cwd: fresh, env }).catch((error) => {
    throw new UserError(`k6 could not be built: ${explainGoFailure(error)}, ${OTHER_WAY}`);
  });
}
