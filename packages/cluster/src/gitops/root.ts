import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { config } from '@meshmart/toolchain/config';
import { parse, parseAllDocuments } from 'yaml';
import type { Environment } from '../provider.ts';
import type { StoreSettings } from '../store.ts';

interface RootSettings {
  repoUrl: string;
  revision: string;
  environment: Environment;
  store: StoreSettings;
}

/** Returns the projects and the root application, from which Argo CD finds everything else in Git. */
export function renderRoot({ repoUrl, revision, environment, store }: RootSettings): object[] {
  const read = (file: string) => readFileSync(join(config.root, 'argocd', file), 'utf8');
  const projects = parseAllDocuments(read('project.yaml')).map((document) => document.toJS());
  for (const { spec } of projects) spec.sourceRepos = [repoUrl];
  const root = parse(read('root.yaml'));
  const { source } = root.spec;
  Object.assign(source, { repoURL: repoUrl, targetRevision: revision });
  source.helm.valueFiles = [`values-${environment}.yaml`];
  source.helm.valuesObject = clusterValues(store);
  return [...projects, root];
}

/** Returns values that only this cluster has. */
function clusterValues({ images, otlpEndpoint }: StoreSettings): object {
  const global = { image: { registry: images.registry, tag: images.tag } };
  if (otlpEndpoint) return { global };
  const applications = { observability: { enabled: false } };
  return { global: { ...global, telemetry: { otlpEndpoint } }, applications };
}
