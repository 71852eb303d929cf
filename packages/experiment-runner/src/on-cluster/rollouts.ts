import { isDefined, type Kube } from './kube.ts';

/** Lists the store's services that are Rollouts; none where Argo Rollouts is not installed. */
export async function listRollouts(kube: Kube): Promise<string[]> {
  if (!(await isDefined(kube, 'rollouts.argoproj.io'))) return [];
  const name = 'jsonpath={.items[*].metadata.name}';
  const names = await kube.run('get', 'rollouts.argoproj.io', '--output', name);
  return names.split(' ').filter(Boolean);
}
