import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { config } from '@meshmart/toolchain/config';
import { describe, expect, test } from 'vitest';
import { imageSources, storeTag } from '../src/store-tag.ts';

describe("the tag of the store's images", () => {
  function makeCheckout() {
    const root = temporaryFolder();
    for (const file of [
      'Dockerfile',
      'services/user/src/app.ts',
      'services/user/test/app.test.ts',
      'packages/cli/src/main.ts',
    ])
      writeFile(join(root, file), 'as it was');
    return root;
  }
  const writeFile = (file: string, content: string) => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  };

  test.each(['Dockerfile', 'services/user/src/app.ts', 'packages/service/src/new.ts'])(
    'changes with %s',
    (file) => {
      const root = makeCheckout();
      const before = storeTag(root);
      expect(before).toMatch(/^\d+\.\d+\.\d+-[0-9a-f]{12}$/);
      writeFile(join(root, file), 'changed');
      expect(storeTag(root)).not.toBe(before);
    },
  );

  test.each(['services/user/test/app.test.ts', 'packages/cli/src/main.ts', 'services/user/README.md'])(
    'does not depend on %s',
    (file) => {
      const root = makeCheckout();
      const before = storeTag(root);
      writeFile(join(root, file), 'changed');
      expect(storeTag(root)).toBe(before);
    },
  );

  test('does not depend on the folder of the checkout', () => {
    expect(storeTag(makeCheckout())).toBe(storeTag(makeCheckout()));
  });

  test('covers everything that gets into an image', () => {
    const ignored = readFileSync(join(config.root, '.dockerignore'), 'utf8').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(imageSources.leftOut));
    const taken = ignored.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    for (const path of taken.filter((line) => line !== 'packages')) {
      expect(
        globSync(imageSources.taken, { cwd: config.root }).some((file) => file.startsWith(path)),
        path,
      ).toBe(true);
    }
  });
});
