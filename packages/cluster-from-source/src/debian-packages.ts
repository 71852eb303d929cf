import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '@meshmart/processes/find-program';
import { runTool, type ToolOptions } from '@meshmart/processes/run-tool';
import type { Step } from '@meshmart/terminal/progress';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from '@meshmart/toolchain/config';
import { installOnce } from '@meshmart/toolchain/install-once';

/** Programs that have to be on the machine, and the Debian packages that bring them. */
const needed = {
  ip: 'iproute2',
  iptables: 'iptables',
  openssl: 'openssl',
  mmdebstrap: 'mmdebstrap',
  buildah: 'buildah',
  git: 'git',
};

/**
 * What the node runs besides Kubernetes. Not installed but unpacked: their packages would start servers on the machine, and
 * Debian's containerd would take the place of the one that Docker has brought.
 */
const unpacked = ['containerd', 'runc', 'containernetworking-plugins', 'etcd-server'];

/** Installs what the machine lacks, and says so; nothing when it lacks nothing. */
export async function installStep(signal: AbortSignal): Promise<Step[]> {
  const found = await Promise.all(
    Object.entries(needed).map(async ([program, name]) => ({ name, path: await findOnMachine(program) })),
  );
  const missing = found.filter(({ path }) => !path).map(({ name }) => name);
  if (missing.length === 0) return [];
  const install = ['install', '--yes', '--no-install-recommends', ...missing];
  return [
    {
      title: `Installing Debian packages that this machine lacks: apt-get install ${missing.join(' ')}`,
      run: (onLine) => withFreshIndex((options) => runApt(install, options), { signal, onLine }),
    },
  ];
}

export function unpackStep(signal: AbortSignal): Step {
  return {
    title: 'containerd, runc, CNI plugins and etcd, unpacked from their Debian packages',
    run: (onLine) => ensureDebianPrograms({ signal, onLine }),
  };
}

/** The cache's folder with the unpacked packages: `usr/bin` and so on. */
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

/** The list of packages may be missing or old: then it is fetched, and the same is tried again. */
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
    throw new UserError(`${(error as Error).message}\nPut apt right, or install what is named above by hand`);
  });
}

/** Ordinary PATHs of root lack some of these folders. */
function findOnMachine(program: string): Promise<string | undefined> {
  return findProgram(program, `${config.searchPath}:/usr/local/sbin:/usr/sbin:/sbin`);
}

/** os-release(5), e.g. `VERSION_CODENAME=bookworm` */
function debianRelease(): string {
  const text = readFileSync('/etc/os-release', 'utf8');
  return /^VERSION_CODENAME="?(\w+)"?$/m.exec(text)?.[1] ?? 'debian';
}
