import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@meshmart/test-support/eventually';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { expect, onTestFinished, test } from 'vitest';
import { watchFiles } from '../src/watch-files.ts';

test('reports a saved manifest, and no temporary file of an editor', async () => {
  const folder = temporaryFolder();
  const changed: string[] = [];
  const { close } = watchFiles(folder, (file) => changed.push(file));
  onTestFinished(close);
  symlinkSync('ada@laptop.4711:1764200000', join(folder, '.#store.yaml'));
  writeFileSync(join(folder, '.store.yaml'), 'half written: [');
  await new Promise((settled) => setTimeout(settled, 300));
  writeFileSync(join(folder, 'user.yaml'), '');
  await eventually(() => changed.length > 0);
  expect(changed).toEqual(['user.yaml']);
});
