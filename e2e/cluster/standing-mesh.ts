import { runKubectl } from '@meshmart/cluster/access';
import { STORE_NAMESPACE } from '@meshmart/cluster/store';
import { generatedFor } from '@meshmart/experiment-runner/on-cluster/instances';
import { keyOf, listManifests, readObjects } from '@meshmart/experiment-runner/on-cluster/manifests';
import { STANDING_RESOURCES } from '@meshmart/local-platform/mesh';
import { expect } from 'vitest';
import { findStandingCluster } from './standing-cluster.ts';

const inStore = ['--namespace', STORE_NAMESPACE];
const kubectl = (...args: string[]) => runKubectl(findStandingCluster().access, args);

/** The kinds that experiments change or add. */
const kinds = [
  'virtualservices,destinationrules,gateways.networking.istio.io,peerauthentications,authorizationpolicies',
  'envoyfilters,telemetries,gateways.gateway.networking.k8s.io,httproutes',
].join();

export async function listMesh(): Promise<string[]> {
  const { items } = JSON.parse(await kubectl('get', kinds, ...inStore, '--output', 'json'));
  return items.map(keyOf).sort();
}

/** Expects the cluster to have the resources of mesh/istio, and nothing left of an experiment. */
export async function expectStandingState(): Promise<void> {
  const standing = await readObjects(await listManifests(STANDING_RESOURCES));
  expect(await listMesh()).toEqual(standing.map(keyOf).sort());
  await kubectl('diff', ...inStore, '--filename', STANDING_RESOURCES); // fails on a difference
  const left = await kubectl('get', 'configmaps,networkpolicies', ...inStore, '--output', 'name');
  expect(left).not.toMatch(/experiment|meshmart-load/);
  const generated = ['deployments,pods,services,serviceaccounts', '--selector', generatedFor];
  expect(await kubectl('get', ...generated, ...inStore, '--output', 'name')).toBe('');
  expect(await kubectl('get', 'namespaces', '--output', 'name')).not.toContain('meshmart-load');
}
