import { runKubectl } from '@meshmart/cluster/access';
import { STORE_NAMESPACE } from '@meshmart/cluster/store';
import type { RunningCluster } from '@meshmart/cluster-lifecycle/running';

export interface PodCall {
  method: string;
  url: string;
}

/** Script for a container: sends the calls in its argument, and prints the outcome of each. */
const program = `
const send = async ({ method, url }) => {
  try {
    const answer = await fetch(url, { method, redirect: 'manual', signal: AbortSignal.timeout(30_000) });
    const by = answer.headers.get('x-served-by')?.split('/')[0];
    await answer.body?.cancel();
    return by ?? (answer.status === 403 ? 'denied' : answer.status + ' by a proxy');
  } catch (error) {
    return ['ECONNRESET', 'UND_ERR_SOCKET'].includes(error.cause?.code) ? 'cut' : String(error.cause ?? error);
  }
};
const calls = JSON.parse(process.argv[1]);
const outcomes = [];
for (const call of calls) outcomes.push(await send(call));
console.log(JSON.stringify(outcomes));
`;

/**
 * Sends calls from a running container of the store.
 *
 * @param from as kubectl takes it: `deployment/order-v1`
 * @returns for each call the service that responded, `denied` by a proxy, `cut` for a closed connection, or the
 * response
 */
export async function callFrom(
  { access }: RunningCluster,
  from: string,
  calls: PodCall[],
  { namespace = STORE_NAMESPACE, container = 'service' } = {},
): Promise<string[]> {
  const script = ['node', '--input-type=module', '--eval', program, JSON.stringify(calls)];
  const args = ['exec', from, '-n', namespace, '-c', container, '--', ...script];
  return JSON.parse(await runKubectl(access, args));
}
