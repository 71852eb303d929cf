import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '@meshmart/processes/find-program';
import { runTool, type ToolOptions } from '@meshmart/processes/run-tool';
import type { Step } from '@meshmart/terminal/progress';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from '@meshmart/toolchain/config';
import { installOnce } from '@meshmart/toolchain/install-once';

/** Required programs, and the Debian packages that contain them. */
const needed = {
  ip: 'iproute2',
  iptables: 'iptables',
  openssl: 'openssl',
  mmdebstrap: 'mmdebstrap',
  buildah: 'buildah',
  git: 'git',
};

/**
 * Packages with the node's programs besides Kubernetes. They are unpacked, not installed: an installation would start
 * servers on this machine, and replace the containerd that Docker has installed.
 */
const unpacked = ['containerd', 'runc', 'containernetworking-plugins', 'etcd-server'];

/** Returns the step that installs missing Debian packages, or none if nothing is missing. */
export async function installStep(signal: AbortSignal): Promise<Step[]> {
  const found = await Promise.all(
    Object.entries(needed).map(async ([program, name]) => ({ name, path: await findOnMachine(program) })),
  );
  const missing = found.filter(({ path }) => !path).map(({ name }) => name);
  if (missing.length === 0) return [];
  const install = ['install', '--yes', '--no-install-recommends', ...missing];
  return [
    {
      title: `Installing Debian packages: apt-get install ${missing.join(' ')}`,
      run: (onLine) => withFreshIndex((options) => runApt(install, options), { signal, onLine }),
    },
  ];
}

/** Returns the step that downloads and unpacks containerd, runc, the CNI plugins and etcd, once. */
export function unpackStep(signal: AbortSignal): Step {
  return {
    title: 'containerd, runc, CNI plugins and etcd, unpacked from their Debian packages',
    run: (onLine) => ensureDebianPrograms({ signal, onLine }),
  };
}

/** Returns the folder of the unpacked packages in the cache. */
export function debianProgramsFolder({ cacheDirectory } = config): string {
  return join(cacheDirectory, `node-programs-${debianRelease()}`);
}

async function ensureDebianPrograms(options: ToolOptions): Promise<void> {
  await installOnce(debianProgramsFolder(), 'usr/bin/containerd', async (fresh) => {
    await withFreshIndex((more) => runApt(['download', ...unpacked], { ...more, cwd: fresh }), options);
    for (const file of readdirSync(fresh).filter((name) => name.endsWith('.deb'))) {
      await runTool('dpkg-deb', ['--extract', join(fresh, file), fresh], options);
      rmSync(join(fresh, file));
    }
    for (const folder of ['etc', 'lib', 'usr/share'])
      rmSync(join(fresh, folder), { recursive: true, force: true });
  });
}

/** Runs a command of apt. If it fails, updates the package index, which may be old, and runs it again. */
async function withFreshIndex(run: (options: ToolOptions) => Promise<unknown>, options: ToolOptions) {
  await run(options).catch(async (error) => {
    if (options.signal?.aborted) throw error;
    await runApt(['update'], options);
    await run(options);
  });
}

function runApt(args: string[], options: ToolOptions): Promise<string> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  return runTool('apt-get', args, { ...options, env }).catch((error) => {
    throw new UserError(`${(error as Error).message}\nFix apt, or install the packages above yourself`);
  });
}

/** Finds a program on the PATH, or in a folder that root's PATH often lacks. */
function findOnMachine(program: string): Promise<string | undefined> {
  return findProgram(program, `${config.searchPath}:/usr/local/sbin:/usr/sbin:/sbin`);
}

/** Reads Debian's code name from os-release(5), as in `VERSION_CODENAME=bookworm`. */
function debianRelease(): string {
  const text = readFileSync('/etc/os-release', 'utf8');
  return /^VERSION_CODENAME="?(\w+)"?$/m.exec(text)?.[1] ?? 'debian';
}
