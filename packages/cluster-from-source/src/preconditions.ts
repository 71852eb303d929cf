import { findProgram } from '@meshmart/processes/find-program';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from '@meshmart/toolchain/config';

interface Machine {
  platform: NodeJS.Platform;
  userId: number | undefined;
  searchPath: string;
}

const thisMachine: Machine = {
  platform: process.platform,
  userId: process.getuid?.(),
  searchPath: config.searchPath,
};

/** Checks that this machine can be a node. @throws UserError with the next step */
export async function assertCanBeNode(machine: Machine = thisMachine): Promise<void> {
  const { platform, searchPath } = machine;
  if (platform !== 'linux')
    throw new UserError(`The provider "from-source" needs Linux; this is ${platform}`);
  assertRoot(machine);
  if (!(await findProgram('apt-get', searchPath))) {
    throw new UserError(
      'The provider "from-source" needs apt-get, for the Debian packages of containerd, etcd and buildah',
    );
  }
  if (!(await findProgram('go', searchPath))) {
    throw new UserError(
      'The provider "from-source" needs Go to build Kubernetes and Istio: install it (https://go.dev/dl)',
    );
  }
}

/** Checks for root, which namespaces, mounts and cgroups need. @throws UserError */
export function assertRoot({ userId }: Pick<Machine, 'userId'> = thisMachine): void {
  if (userId !== 0) throw new UserError('The provider "from-source" needs root: sudo ./meshmart cluster …');
}
