import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { plainEnvironment, runToEnd } from '@meshmart/test-support/run-entry';
import { config } from '@meshmart/toolchain/config';
import { expect } from 'vitest';
import { COMMANDS } from '../bootstrap/commands.mjs';
import { test } from './shared-store.ts';

const read = (page: string) => readFileSync(join(config.root, page), 'utf8');

test('docs/how-to/buy-with-curl.md buys something, and its last line twice is the same order', async ({
  store,
}) => {
  const [, block = ''] = /```\n(api=[\s\S]+?)```/.exec(read('docs/how-to/buy-with-curl.md')) ?? [];
  const lines = block.replace('http://127.0.0.1:8080', `http://127.0.0.1:${store.port}`);
  const order = lines.slice(lines.indexOf('curl -s $api/orders'));
  const { code, output } = await runToEnd('bash', ['-e', '-c', `${lines}\necho\n${order}`], plainEnvironment);
  expect(code, output).toBe(0);
  const [first, second] = output
    .trim()
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf('{"id"')));
  expect(JSON.parse(String(second))).toMatchObject({ status: 'confirmed' });
  expect(String(first)).toBe(second);
});

test('the commands in docs/how-to/inject-faults.md print what is written below each', async ({ store }) => {
  const [, block = ''] = /```\n([\s\S]+?)```/.exec(read('docs/how-to/inject-faults.md')) ?? [];
  const examples = [...block.matchAll(/^\$ (\.\/meshmart .*)\n([^$]+)/gm)];
  expect(examples.length).toBe(3);
  for (const [, line = '', printed] of examples) {
    const command = `${line} --state ${store.layout.state}`;
    expect(await runToEnd('bash', ['-c', command], plainEnvironment)).toEqual({ code: 0, output: printed });
  }
});

test('every link of a document leads to a file, and every command exists', () => {
  const documents = globSync('{*.md,docs/**/*.md,{services,packages,experiments}/*/README.md}', {
    cwd: config.root,
  });
  expect(documents.length).toBeGreaterThan(10);
  for (const document of documents) {
    const text = read(document);
    for (const [, link = ''] of text.matchAll(/\]\(([^)#:]+)\)/g)) {
      expect(existsSync(join(config.root, document, '..', link)), `${document}: ${link}`).toBe(true);
    }
    for (const [, command = ''] of text.matchAll(/\.\/meshmart ([a-z][\w:-]*)/g)) {
      expect(Object.keys(COMMANDS), document).toContain(command);
    }
  }
});
