import type { Sickness } from '@meshmart/local-platform/sickness';
import { listInstances } from './instances.ts';
import type { Kube } from './kube.ts';

const tellSickness = `
const init = { method: 'PUT', headers: { 'content-type': 'application/json' }, body: process.argv[1] };
const response = await fetch('http://127.0.0.1:' + process.env.SICKNESS_PORT + '/sickness', init);
if (!response.ok) throw new Error(await response.text());`;

/** From within its pod, since nothing else reaches that port. @param instance by its name, as `listInstances` has it */
export async function setSickness(kube: Kube, instance: string, sickness: Partial<Sickness>): Promise<void> {
  const { pod } = (await listInstances(kube)).find(({ name }) => name === instance) ?? {};
  if (!pod) throw new Error(`there is no instance ${instance}`);
  await tellPod(kube, pod, sickness);
}

/** As `setSickness` does: pods come and go while instances keep their names. */
export async function tellPod(kube: Kube, pod: string, sickness: Partial<Sickness>): Promise<void> {
  const text = JSON.stringify(sickness);
  await kube.exec(pod, 'service', 'node', '--input-type=module', '--eval', tellSickness, text);
}
