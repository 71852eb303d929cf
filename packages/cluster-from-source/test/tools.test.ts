import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify } from '@meshmart/processes/process-identity';
import { eventually } from '@meshmart/test-support/eventually';
import { writeExecutable } from '@meshmart/test-support/executable';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { config } from '@meshmart/toolchain/config';
import { versions } from '@meshmart/toolchain/versions';
import { describe, expect, test } from 'vitest';
import { ensureTool, type ToolName } from '../src/tools.ts';

describe('a tool', () => {
  /** Creates a checkout with another script for Helm. */
  function setUp(script: string) {
    const root = temporaryFolder();
    const settings = { root, cacheDirectory: join(root, 'cache'), searchPath: join(root, 'bin') };
    writeExecutable(join(root, 'bin/go'), '');
    mkdirSync(join(root, 'cluster/from-source/tools'), { recursive: true });
    writeFileSync(join(root, 'cluster/from-source/tools/helm.sh'), script);
    return { settings, cached: () => readdirSync(settings.cacheDirectory) };
  }

  test('is built once, in the pinned version', async () => {
    const { settings, cached } = setUp('echo "$1" >"$2/helm"; echo built >>"$(dirname "$2")/../builds"');
    await ensureTool('helm', {}, settings);
    await ensureTool('helm', {}, settings);
    expect(cached()).toEqual([`helm-${versions.helm}`]);
    const built = join(settings.cacheDirectory, `helm-${versions.helm}`, 'helm');
    expect(readFileSync(built, 'utf8')).toBe(`${versions.helm}\n`);
    expect(readFileSync(join(settings.root, 'builds'), 'utf8')).toBe('built\n');
  });

  test('deletes its Go build cache, and the last one also the module cache', async () => {
    const files =
      'kubectl istioctl helm coredns metrics-server prometheus jaeger argocd rollouts-controller standard';
    const { settings, cached } = setUp(`mkdir -p "$GOCACHE" "$GOMODCACHE"; cd "$2"; touch ${files}`);
    const scripts = readdirSync(join(config.root, 'cluster/from-source/tools'));
    const all = scripts.filter((file) => file !== 'go-module.sh').map((file) => file.replace('.sh', ''));
    const script = (name: string) => join(settings.root, `cluster/from-source/tools/${name}.sh`);
    for (const name of all) {
      if (name !== 'helm') copyFileSync(script('helm'), script(name));
      if (name !== all[0]) expect(readdirSync(join(settings.cacheDirectory, 'go'))).toEqual(['modules']);
      await ensureTool(name as ToolName, {}, settings);
    }
    expect(cached()).not.toContain('go');
  });

  test('leaves nothing partial after a failed build, and states the reason', async () => {
    const { settings, cached } = setUp('touch "$2/helm"; echo "dial tcp: no such host" >&2; exit 1');
    const message = /Helm .* could not be built: go cannot reach its module proxy; check the network/;
    await expect(ensureTool('helm', {}, settings)).rejects.toThrow(message);
    expect(cached()).toEqual([]);
  });

  test('leaves nothing partial and no process after an interrupted build', async () => {
    const { settings, cached } = setUp('touch "$2/helm"; sleep 1000 & echo "$!"; wait');
    const interruption = new AbortController();
    let child = 0;
    const onLine = (line: string) => {
      child = Number(line);
      interruption.abort();
    };
    await expect(ensureTool('helm', { signal: interruption.signal, onLine }, settings)).rejects.toThrow();
    expect(cached()).toEqual([]);
    await eventually(() => identify(child) === undefined);
  });
});
