import { findProgram } from '@meshmart/processes/find-program';
import { lastLine, runTool, ToolFailedError } from '@meshmart/processes/run-tool';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from '@meshmart/toolchain/config';

/** The checkout as a Git repository: the source of deployments unless `--repo` names another one. */
export interface Checkout {
  /** Git folder of this working tree. A linked working tree has its own, with its own HEAD. */
  gitFolder: string;
  commit: string;
  /** Paths that differ from the commit, and are therefore not deployed. */
  uncommitted: string[];
}

const otherwise = 'use another repository (--repo <url>), or deploy with Helm (--no-gitops)';
/** Lets root read a checkout that belongs to another user, which is usual with sudo. */
const trust = ['-c', 'safe.directory=*'];

/** Reads the state of the checkout. @throws UserError with the next step if Argo CD could not fetch from it */
export async function readCheckout(root = config.root): Promise<Checkout> {
  if (!(await findProgram('git', config.searchPath)))
    throw new UserError(`git is not installed: install it, or ${otherwise}`);
  const facts = await runGit(root, [
    'rev-parse',
    '--absolute-git-dir',
    '--is-shallow-repository',
    '--show-prefix',
  ]).catch((error) => {
    const reason = error instanceof ToolFailedError ? lastLine(error.output) : error.message;
    throw new UserError(`${root} is not a Git repository (${reason}): ${otherwise}`);
  });
  const [gitFolder = '', isShallow, prefix] = facts.split('\n');
  if (prefix) throw new UserError(`${root} is a subfolder of a Git repository: ${otherwise}`);
  if (isShallow === 'true') {
    throw new UserError(
      `The checkout is a shallow clone, from which Git cannot fetch: run git fetch --unshallow, or ${otherwise}`,
    );
  }
  const commit = await runGit(root, ['rev-parse', '--verify', 'HEAD']).catch(() => {
    throw new UserError(`The checkout has no commit yet: commit something, or ${otherwise}`);
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

/** Tells whether a commit descends from another one. False if this checkout does not know them. */
export function comesAfter(commit: string, ancestor: string, root = config.root): Promise<boolean> {
  return runGit(root, ['merge-base', '--is-ancestor', ancestor, commit]).then(
    () => true,
    () => false,
  );
}

function runGit(root: string, args: string[]): Promise<string> {
  return runTool('git', [...trust, '-C', root, ...args]);
}
