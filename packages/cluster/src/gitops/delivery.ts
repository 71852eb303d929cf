import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@meshmart/terminal/user-error';
import { type Cluster, commandLine, type Environment, type UpOptions } from '../provider.ts';

/** The way in which a cluster gets the store. */
export interface Delivery {
  /** Whether Argo CD deploys it from Git. Otherwise Helm deploys it from the working tree. */
  gitops: boolean;
  /** URL of another repository than the checkout. */
  repo?: string | undefined;
  /** Branch, tag or commit of that repository. */
  revision?: string | undefined;
  environment: Environment;
}

/** Tells whether Rollouts replace Deployments. They need Argo Rollouts, and Prometheus for their analysis. */
export function hasRollouts({ gitops, environment }: Delivery): boolean {
  return gitops && environment === 'rollouts';
}

/**
 * Returns the delivery that the options ask for, completed from the saved one.
 *
 * @throws UserError if the cluster does not support it, or already has another one
 */
export function chooseDelivery(
  cluster: Pick<Cluster, 'name' | 'state' | 'argo'>,
  options: UpOptions,
): Delivery {
  const delivery = readOptions(cluster, options);
  if (hasRollouts(delivery) && !options.observability) {
    throw new UserError('Rollouts need Prometheus for their analysis: remove --no-observability');
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
      `${has} deploys the store to cluster "${cluster.name}": use ${other}, or delete the cluster first: ${commandLine('down', cluster.name)}`,
    );
  }
  if (
    before &&
    before.environment !== environment &&
    [before.environment, environment].includes('rollouts')
  ) {
    throw new UserError(
      `Cluster "${cluster.name}" has the environment "${before.environment}" with other routes. Delete it first: ${commandLine('down', cluster.name)}`,
    );
  }
  if (!gitops && (options.repo ?? options.revision ?? options.environment) !== undefined) {
    throw new UserError('--repo, --revision and --environment need Argo CD');
  }
  if (options.repo === undefined) {
    const { repo, revision }: Partial<Delivery> = before ?? {};
    if (options.revision !== undefined && repo === undefined) {
      throw new UserError('--revision needs --repo. From this checkout, Argo CD deploys HEAD');
    }
    return { gitops, environment, repo, revision: options.revision ?? revision };
  }
  // The checkout again.
  if (options.repo === '.') return { gitops, environment };
  return { gitops, environment, repo: options.repo, revision: options.revision };
}

/** Reads the saved delivery. @returns undefined before the first `up` */
export function readDelivery({ state }: Pick<Cluster, 'state'>): Delivery | undefined {
  const file = deliveryFile(state);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** Saves the delivery for the next `up` and for `gitops`. */
export function saveDelivery({ state }: Pick<Cluster, 'state'>, delivery: Delivery): void {
  writeFileSync(deliveryFile(state), JSON.stringify(delivery));
}

function deliveryFile(state: string): string {
  return join(state, 'delivery.json');
}
