import { runSteps } from '@meshmart/terminal/progress';
import { UserError } from '@meshmart/terminal/user-error';
import type { Cluster } from '../provider.ts';
import { isPaused, listApplications, refresh } from './applications.ts';
import { readCheckout } from './checkout.ts';
import type { Delivery } from './delivery.ts';
import { waitForAll } from './wait.ts';

/**
 * Lets Argo CD look at Git now, and waits until everything is as it is there, and healthy.
 *
 * @param name of the only application that is asked for
 * @throws UserError when one stands still, or saying what is still missing after ten minutes
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
    throw new UserError(`An experiment has paused ${paused.join(', ')}: wait until it has ended`);
  }
  await runSteps([
    {
      title: `${name ?? 'Everything'} as ${repo ?? 'the last commit of this checkout'} has it`,
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
