import { Listr } from 'listr2';

/**
 * Shows one step with a spinner on a terminal, as plain lines elsewhere. Signals stay with the caller, who has to
 * restore the mesh before anything exits.
 */
export async function showStep<T>(title: string, work: () => Promise<T>): Promise<T> {
  const list = new Listr<{ result?: T }>(
    [
      {
        title,
        task: async (context) => {
          context.result = await work();
        },
      },
    ],
    { fallbackRenderer: 'simple', registerSignalListeners: false },
  );
  return (await list.run({})).result as T;
}
