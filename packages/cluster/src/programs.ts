import { findProgram } from '@meshmart/processes/find-program';
import { runTool } from '@meshmart/processes/run-tool';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from '@meshmart/toolchain/config';
import { isAccepted } from '@meshmart/toolchain/versions';

interface Program {
  /** Arguments that print its version. */
  version: string[];
  from: readonly [major: number, minor: number];
  /** URL with instructions for installation. */
  get: string;
}

/** Programs on the PATH that all providers but "from-source" use, with the oldest accepted version. */
export const programs = {
  docker: {
    // The version of the server, because a client alone builds nothing.
    version: ['version', '--format', '{{.Server.Version}}'],
    from: [20, 10],
    get: 'https://docs.docker.com/engine/install',
  },
  // The first with node images of Kubernetes 1.35.
  kind: { version: ['version'], from: [0, 31], get: 'https://kind.sigs.k8s.io/docs/user/quick-start' },
  // The first that supports Kubernetes 1.35.
  minikube: {
    version: ['version', '--short'],
    from: [1, 38],
    get: 'https://minikube.sigs.k8s.io/docs/start',
  },
  kubectl: {
    version: ['version', '--client'],
    from: [1, 30],
    get: 'https://kubernetes.io/docs/tasks/tools',
  },
  // The first with --reset-then-reuse-values.
  helm: { version: ['version', '--short'], from: [3, 14], get: 'https://helm.sh/docs/intro/install' },
} satisfies Record<string, Program>;

type ProgramName = keyof typeof programs;

/** Checks that programs are installed. @throws UserError with a URL if one is missing, too old or fails */
export async function assertPrograms(names: ProgramName[]): Promise<void> {
  for (const name of names) {
    const { version, from, get }: Program = programs[name];
    if (!(await findProgram(name, config.searchPath))) {
      throw new UserError(`There is no ${name} on the PATH. Install it: ${get}`);
    }
    const printed = await runTool(name, version).catch((error) => {
      throw new UserError(`${name} fails: ${error.message}`);
    });
    if (isAccepted(printed, { from, below: [Number.POSITIVE_INFINITY, 0] })) continue;
    throw new UserError(
      `${name} ${from.join('.')} or newer is required, this is ${printed.trim()}. Install it: ${get}`,
    );
  }
}
