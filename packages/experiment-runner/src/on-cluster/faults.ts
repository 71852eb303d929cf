import type { Faults } from '@meshmart/local-platform/faults';
import { listInstances } from './instances.ts';
import type { Kube } from './kube.ts';

const tellFaults = `
const init = { method: 'PUT', headers: { 'content-type': 'application/json' }, body: process.argv[1] };
const response = await fetch('http://127.0.0.1:' + process.env.FAULTS_PORT + '/faults', init);
if (!response.ok) throw new Error(await response.text());`;

/** From within its pod, since nothing else reaches that port. @param instance by its name, as `listInstances` has it */
export async function setFaults(kube: Kube, instance: string, faults: Partial<Faults>): Promise<void> {
  const { pod } = (await listInstances(kube)).find(({ name }) => name === instance) ?? {};
  if (!pod) throw new Error(`there is no instance ${instance}`);
  await tellPod(kube, pod, faults);
}

/** As `setFaults` does: pods come and go while instances keep their names. */
export async function tellPod(kube: Kube, pod: string, faults: Partial<Faults>): Promise<void> {
  const text = JSON.stringify(faults);
  await kube.exec(pod, 'service', 'node', '--input-type=module', '--eval', tellFaults, text);
}
