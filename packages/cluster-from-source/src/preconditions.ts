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

/** @throws UserError with the next step, when this machine cannot be a node */
export async function assertCanBeNode(machine: Machine = thisMachine): Promise<void> {
  const { platform, searchPath } = machine;
  if (platform !== 'linux')
    throw new UserError(`The provider "from-source" needs Linux; this is ${platform}`);
  assertRoot(machine);
  if (!(await findProgram('apt-get', searchPath))) {
    throw new UserError(
      'The provider "from-source" takes containerd, etcd and buildah from Debian packages: it needs apt-get',
    );
  }
  if (!(await findProgram('go', searchPath))) {
    throw new UserError(
      'The provider "from-source" builds Kubernetes and Istio with Go, and there is no go: install it (https://go.dev/dl)',
    );
  }
}

/** @throws UserError when namespaces, mounts and cgroups would be refused */
export function assertRoot({ userId }: Pick<Machine, 'userId'> = thisMachine): void {
  if (userId !== 0)
    throw new UserError(
      'The provider "from-source" makes a node of its own and needs root: sudo ./meshmart cluster …',
    );
}
