import { findProgram } from '@meshmart/processes/find-program';
import { lastLine, runTool, ToolFailedError } from '@meshmart/processes/run-tool';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from '@meshmart/toolchain/config';

/** The checkout as a Git repository, which is what gets deployed unless another repository is named. */
export interface Checkout {
  /** Of this working tree; a linked one has a folder of its own, whose HEAD is its own too. */
  gitFolder: string;
  commit: string;
  /** Paths that are not as they are in that commit, and so are not deployed. */
  uncommitted: string[];
}

const otherwise = 'name a repository (--repo <url>), or do without Argo CD (--no-gitops)';
/** Whoever may run a cluster as root may also read a checkout that is somebody else's: with sudo that is the usual case. */
const trust = ['-c', 'safe.directory=*'];

/** @throws UserError with the next step, when Argo CD could not fetch from it */
export async function readCheckout(root = config.root): Promise<Checkout> {
  if (!(await findProgram('git', config.searchPath)))
    throw new UserError(`There is no git: install it, or ${otherwise}`);
  const facts = await runGit(root, [
    'rev-parse',
    '--absolute-git-dir',
    '--is-shallow-repository',
    '--show-prefix',
  ]).catch((error) => {
    const reason = error instanceof ToolFailedError ? lastLine(error.output) : error.message;
    throw new UserError(`${root} is no Git repository that could be deployed (${reason}): ${otherwise}`);
  });
  const [gitFolder = '', isShallow, prefix] = facts.split('\n');
  if (prefix) throw new UserError(`${root} is only a part of a Git repository: ${otherwise}`);
  if (isShallow === 'true') {
    throw new UserError(
      `The checkout is a shallow clone, which nobody can fetch from: git fetch --unshallow; or ${otherwise}`,
    );
  }
  const commit = await runGit(root, ['rev-parse', '--verify', 'HEAD']).catch(() => {
    throw new UserError(`The checkout has no commit yet: make one, or ${otherwise}`);
  });
  const changes = await runGit(root, [
    'status',
    '--porcelain',
    '--no-renames',
    '--',
    'argocd',
    'charts',
    'mesh',
  ]);
  const uncommitted = changes
    .split('\n')
    .filter(Boolean)
    .map((line) => line.slice(3));
  return { gitFolder, commit: commit.trim(), uncommitted };
}

/** Whether a commit has another one among its ancestors; false when this checkout knows nothing of it. */
export function comesAfter(commit: string, ancestor: string, root = config.root): Promise<boolean> {
  return runGit(root, ['merge-base', '--is-ancestor', ancestor, commit]).then(
    () => true,
    () => false,
  );
}

function runGit(root: string, args: string[]): Promise<string> {
  return runTool('git', [...trust, '-C', root, ...args]);
}
