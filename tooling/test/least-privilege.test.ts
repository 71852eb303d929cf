import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { config } from '@meshmart/toolchain/config';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

const read = (path: string) => readFileSync(join(config.root, path), 'utf8');
/** All files that are applied to a cluster, templates unrendered. */
const files = globSync('{argocd,charts,cluster,mesh,experiments}/**/*.{yaml,tpl}', {
  cwd: config.root,
  exclude: (path) => path.includes('node_modules'),
});
const find = (pattern: RegExp) => files.filter((path) => pattern.test(read(path))).sort();

test('finds manifests', () => {
  expect(files.length).toBeGreaterThan(60);
});

test('no role contains a wildcard, and only two components have roles', () => {
  const withRules = find(/\b(Cluster)?Role\b|\bAppProject\b/);
  expect(withRules.length).toBeGreaterThan(3);
  // Matches a lone `*`, also quoted or in a list.
  const wildcard = /[-:,[]\s*(['"]?)\*\1\s*(?=[\],}#]|$)/m;
  expect(withRules.filter((path) => wildcard.test(read(path)))).toEqual([]);
  expect(find(/^kind: (Cluster)?Role$/m)).toEqual([
    'charts/observability/templates/prometheus/role.yaml',
    'cluster/argo-rollouts/role.yaml',
  ]);
  expect(find(/^kind: ClusterRoleBinding$|roleRef:[\s\S]{0,150}?kind: ClusterRole\b/m)).toEqual([]);
});

test('the gateway cannot read Secrets', () => {
  expect(parse(read('cluster/istio/gateway.yaml')).rbac).toEqual({ enabled: false });
  expect(find(/credentialName:/)).toEqual([]);
});

test('only Prometheus mounts a token for the Kubernetes API', () => {
  expect(find(/automountServiceAccountToken: true/)).toEqual([
    'charts/observability/templates/prometheus/deployment.yaml',
  ]);
  const withPods = find(/^\s*containers:$/m);
  expect(withPods.length).toBeGreaterThan(4);
  const count = (path: string, pattern: RegExp) => read(path).match(pattern)?.length ?? 0;
  for (const path of withPods)
    expect(count(path, /automountServiceAccountToken:/g), path).toBe(count(path, /^\s*containers:$/gm));
});

test('every namespace but istio-system enforces Pod Security "restricted"', () => {
  const namespaces = globSync('cluster/**/*.yaml', { cwd: config.root }).flatMap((path) =>
    parseAllDocuments(read(path))
      .map((document) => document.toJS())
      .filter((object) => object?.kind === 'Namespace'),
  );
  expect(namespaces.length).toBeGreaterThan(4);
  const others = namespaces.filter(
    ({ metadata }) => metadata.labels?.['pod-security.kubernetes.io/enforce'] !== 'restricted',
  );
  // The agents of Istio's CNI plugin change the node's network.
  expect(others.map(({ metadata }) => metadata.name)).toEqual(['istio-system']);
});

test('Git contains no secret: Helm generates them', () => {
  const secrets = find(/^kind: Secret$/m);
  expect(secrets.length).toBeGreaterThan(2);
  for (const path of secrets) {
    expect(path).toMatch(/^charts\/secrets\/templates\//);
    const contents = read(path)
      .split(/^(?:stringData|data):$/m)
      .slice(1);
    expect(contents.length, path).toBeGreaterThan(0);
    const values = contents.flatMap(
      (text) => (text.split('---')[0] ?? '').match(/^ {2}[\w{].*: .*$/gm) ?? [],
    );
    expect(values.length, path).toBeGreaterThan(0);
    for (const value of values) expect(value, path).toContain(': {{');
  }
});
