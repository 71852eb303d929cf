import type { Faults } from '@meshmart/local-platform/faults';
import { listInstances } from './instances.ts';
import type { Kube } from './kube.ts';

const putFaults = `
const init = { method: 'PUT', headers: { 'content-type': 'application/json' }, body: process.argv[1] };
const response = await fetch('http://127.0.0.1:' + process.env.FAULTS_PORT + '/faults', init);
if (!response.ok) throw new Error(await response.text());`;

/**
 * Sets the faults of one instance.
 *
 * @param instance name from `listInstances`
 * @throws when there is none, or it is down
 */
export async function setFaults(kube: Kube, instance: string, faults: Partial<Faults>): Promise<void> {
  const { pod } = (await listInstances(kube)).find(({ name }) => name === instance) ?? {};
  if (!pod) throw new Error(`there is no instance ${instance}`);
  await setFaultsOfPod(kube, pod, faults);
}

/** Sets the faults of one pod, from within, because its port for faults is closed to others. */
export async function setFaultsOfPod(kube: Kube, pod: string, faults: Partial<Faults>): Promise<void> {
  const text = JSON.stringify(faults);
  await kube.exec({ pod }, 'service', 'node', '--input-type=module', '--eval', putFaults, text);
}
