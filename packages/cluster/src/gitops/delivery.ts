import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@meshmart/terminal/user-error';
import { type Cluster, commandLine, type UpOptions } from '../provider.ts';

export const environments = ['demo', 'lean', 'rollouts'] as const;
export type Environment = (typeof environments)[number];

/** How the store comes to a cluster, and stays up to date there. */
export interface Delivery {
  /** By Argo CD from Git, or else by Helm from the working tree. */
  gitops: boolean;
  /** Another repository than the checkout. */
  repo?: string | undefined;
  /** Of that repository. */
  revision?: string | undefined;
  environment: Environment;
}

/** Whether what it brings are Rollouts, so that it needs Argo Rollouts, and Prometheus for them to decide by. */
export function hasRollouts({ gitops, environment }: Delivery): boolean {
  return gitops && environment === 'rollouts';
}

/**
 * What is told now, or else what was told before.
 *
 * @throws UserError when the cluster cannot be delivered to in this way, or is delivered to in another one already
 */
export function chooseDelivery(
  cluster: Pick<Cluster, 'name' | 'state' | 'argo'>,
  options: UpOptions,
): Delivery {
  const delivery = readOptions(cluster, options);
  if (hasRollouts(delivery) && !options.observability) {
    throw new UserError('A Rollout is decided on by numbers of Prometheus: leave --no-observability out');
  }
  return delivery;
}

function readOptions(cluster: Pick<Cluster, 'name' | 'state' | 'argo'>, options: UpOptions): Delivery {
  const before = readDelivery(cluster);
  const {
    gitops = before?.gitops ?? cluster.argo !== undefined,
    environment = before?.environment ?? 'demo',
  } = options;
  if (before && before.gitops !== gitops) {
    const [has, other] = before.gitops ? ['Argo CD', '--gitops'] : ['Helm', '--no-gitops'];
    throw new UserError(
      `The store was brought to cluster "${cluster.name}" by ${has}: go on with ${other}, or begin anew: ${commandLine('down', cluster.name)}`,
    );
  }
  if (
    before &&
    before.environment !== environment &&
    [before.environment, environment].includes('rollouts')
  ) {
    throw new UserError(
      `Cluster "${cluster.name}" is of the environment "${before.environment}", whose routes are others: begin anew: ${commandLine('down', cluster.name)}`,
    );
  }
  if (!gitops && (options.repo ?? options.revision ?? options.environment) !== undefined) {
    throw new UserError('Without Argo CD there is no --repo, --revision or --environment');
  }
  if (options.repo === undefined) {
    const { repo, revision }: Partial<Delivery> = before ?? {};
    if (options.revision !== undefined && repo === undefined) {
      throw new UserError(
        '--revision is of the repository that --repo names; of the checkout it is what is checked out',
      );
    }
    return { gitops, environment, repo, revision: options.revision ?? revision };
  }
  // Back to the checkout.
  if (options.repo === '.') return { gitops, environment };
  return { gitops, environment, repo: options.repo, revision: options.revision };
}

/** @returns undefined when nothing was brought to it yet */
export function readDelivery({ state }: Pick<Cluster, 'state'>): Delivery | undefined {
  const file = deliveryFile(state);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

export function saveDelivery({ state }: Pick<Cluster, 'state'>, delivery: Delivery): void {
  writeFileSync(deliveryFile(state), JSON.stringify(delivery));
}

function deliveryFile(state: string): string {
  return join(state, 'delivery.json');
}
