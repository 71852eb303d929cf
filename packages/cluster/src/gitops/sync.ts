import { runSteps } from '@meshmart/terminal/progress';
import { UserError } from '@meshmart/terminal/user-error';
import type { Cluster } from '../provider.ts';
import { isPaused, listApplications, refresh } from './applications.ts';
import { readCheckout } from './checkout.ts';
import type { Delivery } from './delivery.ts';
import { waitForAll } from './wait.ts';

/**
 * Makes Argo CD sync with Git now, and waits until the applications are in sync and healthy.
 *
 * @param name of one application; all if undefined
 * @throws UserError if an experiment has paused one, or with the open differences after 10 minutes
 */
export async function sync(
  cluster: Cluster,
  { repo }: Delivery,
  name: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { access } = cluster;
  const paused = (await listApplications(access)).filter(isPaused).map(({ metadata }) => metadata.name);
  if (paused.length > 0) {
    throw new UserError(`An experiment has paused ${paused.join(', ')}. Wait until it has ended`);
  }
  await runSteps([
    {
      title: `Sync ${name ?? 'everything'} with ${repo ?? 'the last commit of this checkout'}`,
      run: async (onLine) => {
        const checkout = repo === undefined ? await readCheckout() : undefined;
        if (checkout) await cluster.serveCheckout(checkout, { signal, onLine });
        const names = name ? [name] : [];
        await refresh(access, names);
        await waitForAll(access, { names, revision: checkout?.commit }, { signal, onLine });
      },
    },
  ]);
}
