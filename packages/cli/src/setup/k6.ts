import { join } from 'node:path';
import { config } from '../config.ts';
import { runSteps } from '../progress.ts';
import { UserError } from '../user-error.ts';
import { findProgram } from './find-program.ts';
import { explainGoFailure } from './go.ts';
import { installOnce } from './install-once.ts';
import { runTool } from './run-tool.ts';
import { accepted, isAccepted, versions } from './versions.ts';

type K6Settings = Pick<typeof config, 'cacheDirectory' | 'searchPath'>;

const otherWay = `or put k6 ${versions.k6} on the PATH (https://grafana.com/docs/k6/latest/set-up/install-k6/)`;

/**
 * Path of a k6: from the PATH, the cache, or else built from its Go module, which takes about a minute and is shown.
 *
 * @throws UserError when there is none and none can be built, saying what to do
 */
export async function ensureK6(signal?: AbortSignal, settings: K6Settings = config): Promise<string> {
  const found = await findProgram('k6', settings.searchPath);
  if (found && (await hasAcceptedVersion(found))) return found;
  const folder = join(settings.cacheDirectory, `k6-${versions.k6}`);
  return installOnce(folder, 'k6', (fresh) => build(fresh, settings, signal));
}

/** `k6 v1.8.1 (go1.26.8, linux/amd64)` */
async function hasAcceptedVersion(path: string): Promise<boolean> {
  const output = await runTool(path, ['version']).catch(() => '');
  return isAccepted(output, accepted.k6);
}

async function build(fresh: string, settings: K6Settings, signal: AbortSignal | undefined): Promise<void> {
  const go = await findProgram('go', settings.searchPath);
  if (!go)
    throw new UserError(
      `k6 is built with Go, and there is no go: install it (https://go.dev/dl), ${otherWay}`,
    );
  const title = `k6 ${versions.k6}, built once from its Go module (about 70 s)`;
  const env = { GOBIN: fresh, CGO_ENABLED: '0', GOFLAGS: '' };
  const run = (show: (detail: string) => void) =>
    runTool(go, ['install', '-v', `go.k6.io/k6@v${versions.k6}`], { cwd: fresh, env, signal, onLine: show });
  await runSteps([{ title, run }]).catch((error) => {
    throw new UserError(`k6 could not be built: ${explainGoFailure(error)}, ${otherWay}`);
  });
}
