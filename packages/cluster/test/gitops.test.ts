import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from '@meshmart/processes/run-tool';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { config } from '@meshmart/toolchain/config';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { type Application, describeLag } from '../src/gitops/applications.ts';
import { comesAfter, readCheckout } from '../src/gitops/checkout.ts';
import { chooseDelivery, saveDelivery } from '../src/gitops/delivery.ts';
import { formatStatus } from '../src/gitops/report.ts';
import { renderRoot } from '../src/gitops/root.ts';
import { environments } from '../src/provider.ts';

const inRoot = (...path: string[]) => join(config.root, ...path);
const read = (path: string) => readFileSync(inRoot('argocd', path), 'utf8');
const { applications, services } = parse(read('applications/values.yaml'));
const projects = parseAllDocuments(read('project.yaml')).map((document) => document.toJS());

describe('the list of applications', () => {
  test('contains every application that an environment changes', () => {
    const files = readdirSync(inRoot('argocd/applications')).filter((name) => /^values-/.test(name));
    expect(files.sort()).toEqual(environments.map((name) => `values-${name}.yaml`).sort());
    for (const file of files) {
      const overlay = parse(read(`applications/${file}`));
      expect([...Object.keys(applications), ...services]).toEqual(
        expect.arrayContaining(Object.keys(overlay.applications ?? {})),
      );
    }
  });

  test('deploys exactly the kinds that its projects permit', () => {
    const permitted = (project: string) =>
      projects
        .find(({ metadata }) => metadata.name === project)
        .spec.namespaceResourceWhitelist.map(({ group, kind }: Record<string, string>) => `${group}/${kind}`);
    const brought = (project: string) =>
      Object.values<{ path: string; project?: string }>({
        ...applications,
        services: { path: 'charts/service' },
      })
        .filter((one) => (one.project ?? 'meshmart') === project)
        .flatMap(({ path }) => kindsIn(path));
    for (const project of ['meshmart', 'meshmart-observability']) {
      expect(permitted(project).sort()).toEqual([...new Set(brought(project))].sort());
    }
    expect(permitted('meshmart-root')).toEqual(['argoproj.io/Application']);
  });
});

/** Lists groups and kinds of all objects in manifests and templates of a folder. */
function kindsIn(path: string): string[] {
  const files = readdirSync(inRoot(path), { recursive: true, encoding: 'utf8' });
  const manifests = files.filter(
    (file) => file.endsWith('.yaml') && (path.startsWith('mesh/') || /templates\//.test(file)),
  );
  return manifests.flatMap((file) => {
    const text = readFileSync(inRoot(path, file), 'utf8');
    const found = text.matchAll(/^apiVersion: (?:(.+)\/)?\S+\nkind: (\w+)$/gm);
    return [...found].map(([, group = '', kind]) => `${group}/${kind}`);
  });
}

test('the root application and its projects use one repository', () => {
  const store = { images: { registry: 'registry.example/', tag: 't1' }, otlpEndpoint: '' };
  const settings = {
    repoUrl: 'https://git.example/shop',
    revision: 'main',
    environment: 'lean',
    store,
  } as const;
  const described = renderRoot(settings) as { kind: string; spec: Record<string, unknown> }[];
  expect(described.map(({ kind }) => kind)).toEqual([
    'AppProject',
    'AppProject',
    'AppProject',
    'Application',
  ]);
  for (const { spec } of described.slice(0, 3))
    expect(spec.sourceRepos).toEqual(['https://git.example/shop']);
  expect(described[3]?.spec.source).toMatchObject({
    repoURL: 'https://git.example/shop',
    targetRevision: 'main',
    helm: {
      valueFiles: ['values-lean.yaml'],
      valuesObject: {
        global: { image: { registry: 'registry.example/', tag: 't1' }, telemetry: { otlpEndpoint: '' } },
        applications: { observability: { enabled: false } },
      },
    },
  });
});

describe('the checkout', () => {
  const git = (folder: string, ...args: string[]) =>
    runTool('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example', ...args]);

  async function repository(): Promise<string> {
    const folder = join(temporaryFolder(), 'checkout');
    mkdirSync(join(folder, 'mesh'), { recursive: true });
    await git(folder, 'init', '--quiet');
    return folder;
  }

  async function committed(): Promise<string> {
    const folder = await repository();
    for (const text of ['one', 'two']) {
      writeFileSync(join(folder, 'mesh/product.yaml'), text);
      await git(folder, 'add', '.');
      await git(folder, 'commit', '--quiet', '--message', text);
    }
    return folder;
  }

  test('is deployed as of its last commit', async () => {
    const folder = await committed();
    const commit = (await git(folder, 'rev-parse', 'HEAD')).trim();
    const first = (await git(folder, 'rev-parse', 'HEAD~1')).trim();
    expect(await comesAfter(commit, first, folder)).toBe(true);
    expect(await comesAfter(first, commit, folder)).toBe(false);
    writeFileSync(join(folder, 'mesh/order.yaml'), 'new');
    writeFileSync(join(folder, 'mesh/product.yaml'), 'changed');
    writeFileSync(join(folder, 'notes.txt'), 'not deployed');
    expect(await readCheckout(folder)).toEqual({
      gitFolder: join(folder, '.git'),
      commit,
      uncommitted: ['mesh/product.yaml', 'mesh/order.yaml'],
    });
  });

  test('may be a linked working tree with its own HEAD', async () => {
    const folder = await committed();
    const linked = join(folder, '../linked');
    await git(folder, 'worktree', 'add', '--quiet', '--detach', linked, 'HEAD~1');
    const commit = (await git(folder, 'rev-parse', 'HEAD~1')).trim();
    expect(await readCheckout(linked)).toEqual({
      gitFolder: join(folder, '.git/worktrees/linked'),
      commit,
      uncommitted: [],
    });
  });

  test.each([
    ['no repository', async () => temporaryFolder(), /not a Git repository .*--repo <url>.*--no-gitops/],
    ['one without a commit', repository, /no commit yet/],
    ['a part of one', async () => join(await committed(), 'mesh'), /a subfolder of a Git repository/],
    [
      'a shallow clone',
      async () => {
        const from = await committed();
        const shallow = join(from, '../shallow');
        await git(from, 'clone', '--quiet', '--depth', '1', `file://${from}`, shallow);
        return shallow;
      },
      /shallow clone.*git fetch --unshallow/,
    ],
  ])('is refused when it is %s', async (_what, make, message) => {
    await expect(readCheckout(await make())).rejects.toThrow(message);
  });
});

describe('the delivery of the store', () => {
  const argo = { cd: 'cd.yaml', rollouts: 'rollouts.yaml' };
  const cluster = () => ({ name: 'c1', state: temporaryFolder(), argo });
  const options = (more: object) => ({ name: 'c1', observability: true, ...more });

  test('stays as saved until an option changes it', () => {
    const one = cluster();
    const remote = {
      gitops: true,
      repo: 'https://git.example/shop',
      revision: 'v1',
      environment: 'lean',
    } as const;
    saveDelivery(one, chooseDelivery(one, options(remote)));
    expect(chooseDelivery(one, options({}))).toEqual(remote);
    expect(chooseDelivery(one, options({ revision: 'v2' }))).toEqual({ ...remote, revision: 'v2' });
    expect(chooseDelivery(one, options({ repo: '.' }))).toEqual({ gitops: true, environment: 'lean' });
  });

  test('uses Argo CD where the provider can remove it, and Helm elsewhere', () => {
    expect(chooseDelivery(cluster(), options({}))).toEqual({ gitops: true, environment: 'demo' });
    const { argo: _, ...without } = cluster();
    expect(chooseDelivery(without, options({}))).toEqual({ gitops: false, environment: 'demo' });
  });

  test('cannot change to or from Rollouts, which have other routes', () => {
    const one = cluster();
    saveDelivery(one, chooseDelivery(one, options({ environment: 'rollouts' })));
    expect(() => chooseDelivery(one, options({ environment: 'demo' }))).toThrow(/Delete it first/);
    expect(chooseDelivery(one, options({}))).toEqual({ gitops: true, environment: 'rollouts' });
  });

  test.each([
    [true, false, /Argo CD deploys .* use --gitops/],
    [false, true, /Helm deploys .* use --no-gitops/],
  ])('cannot change between Argo CD and Helm (gitops: %s, then %s)', (before, gitops, message) => {
    const one = cluster();
    saveDelivery(one, { gitops: before, environment: 'demo' });
    expect(() => chooseDelivery(one, options({ gitops }))).toThrow(message);
  });

  test.each([
    [{ gitops: false, repo: 'https://git.example/shop' }, /need Argo CD/],
    [{ gitops: true, revision: 'main' }, /--revision needs --repo/],
    [{ environment: 'rollouts', observability: false }, /remove --no-observability/],
  ])('%j is refused', (more, message) => {
    expect(() => chooseDelivery(cluster(), options(more))).toThrow(message);
  });
});

const source = { path: 'charts/service' };
const synced: Application = {
  metadata: { name: 'product' },
  spec: { source, destination: { namespace: 'meshmart' } },
  status: {
    sync: { status: 'Synced', revision: 'abcdef0123456789', comparedTo: { source } },
    health: { status: 'Healthy' },
    operationState: { phase: 'Succeeded', startedAt: '2026-01-02T03:04:05Z' },
  },
};
const but = (status: Application['status'], more: Partial<Application> = {}): Application => ({
  ...synced,
  ...more,
  status: { ...synced.status, ...status },
});

test.each([
  [synced, undefined],
  [
    but({ sync: { status: 'Synced', revision: 'older', comparedTo: { source } } }),
    'product: not compared with Git yet',
  ],
  [
    but({}, { spec: { ...synced.spec, source: { path: 'elsewhere' } } }),
    'product: not compared with Git yet',
  ],
  [
    but({}, { metadata: { name: 'product', annotations: { 'argocd.argoproj.io/refresh': 'normal' } } }),
    'product: not compared with Git yet',
  ],
  [but({ sync: { ...synced.status?.sync, status: 'OutOfSync' } }), 'product: OutOfSync'],
  [
    but({ health: { status: 'Progressing', message: 'waiting for a pod' } }),
    'product: Progressing, waiting for a pod',
  ],
  [but({ conditions: [{ type: 'ComparisonError', message: 'no such path' }] }), 'product: no such path'],
])('describes why an application is not in sync (%#)', (application, lag) => {
  expect(describeLag(application, ['abcdef0123456789'])).toBe(lag);
});

test('status lists only what is out of sync or unhealthy', () => {
  const service = { kind: 'Service', name: 'product', status: 'Synced', health: { status: 'Healthy' } };
  const deployment = { ...service, kind: 'Deployment', status: 'OutOfSync' };
  const shown = formatStatus([but({ resources: [deployment, service] })]);
  expect(shown).toContain('Deployment product, OutOfSync');
  expect(shown).not.toContain('Service');
});
