import type { Kube } from './kube.ts';

/** The store's services that Argo Rollouts delivers; none where it is not installed. */
export async function listRollouts(kube: Kube): Promise<string[]> {
  const definition = ['customresourcedefinitions', 'rollouts.argoproj.io', '--ignore-not-found'];
  if (!(await kube.run('get', ...definition, '--output', 'name'))) return [];
  const names = await kube.run(
    'get',
    'rollouts.argoproj.io',
    '--output',
    'jsonpath={.items[*].metadata.name}',
  );
  return names.split(' ').filter(Boolean);
}
