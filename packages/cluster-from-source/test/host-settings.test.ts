import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { expect, test } from 'vitest';
import { raiseHostSettings, restoreHostSettings } from '../src/host-settings.ts';

/** Creates a folder with these limits in place of /proc/sys. */
function makeMachine({ instances, watches }: { instances: number; watches: number }) {
  const settings = temporaryFolder();
  const places = { settings, record: join(settings, 'clusters/host-settings.json') };
  const set = (name: string, value: string) => {
    mkdirSync(dirname(join(settings, name)), { recursive: true });
    writeFileSync(join(settings, name), `${value}\n`);
  };
  const read = (name: string) => Number(readFileSync(join(settings, 'fs/inotify', name), 'utf8'));
  set('fs/inotify/max_user_instances', String(instances));
  set('fs/inotify/max_user_watches', String(watches));
  set('kernel/random/boot_id', 'first');
  return { places, set, limits: () => [read('max_user_instances'), read('max_user_watches')] };
}

test('raises limits that are too low, and restores them after the last cluster', () => {
  const { places, limits } = makeMachine({ instances: 128, watches: 1_000_000 });
  raiseHostSettings(places);
  expect(limits()).toEqual([8192, 1_000_000]);
  raiseHostSettings(places);
  restoreHostSettings(places);
  expect(limits()).toEqual([128, 1_000_000]);
  expect(existsSync(places.record)).toBe(false);
});

test('keeps limits that are high enough', () => {
  const { places, limits } = makeMachine({ instances: 9000, watches: 1_000_000 });
  raiseHostSettings(places);
  restoreHostSettings(places);
  expect(limits()).toEqual([9000, 1_000_000]);
});

test('does not restore a limit that somebody else has changed', () => {
  const { places, limits, set } = makeMachine({ instances: 128, watches: 8192 });
  raiseHostSettings(places);
  set('fs/inotify/max_user_instances', '20000');
  restoreHostSettings(places);
  expect(limits()).toEqual([20_000, 8192]);
});

test('ignores a record of another boot', () => {
  const { places, limits, set } = makeMachine({ instances: 128, watches: 8192 });
  raiseHostSettings(places);
  set('kernel/random/boot_id', 'second');
  set('fs/inotify/max_user_instances', '8192');
  restoreHostSettings(places);
  expect(limits()).toEqual([8192, 524_288]);
});
