import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { config } from '../../src/config.ts';
import { plainEnvironment, runToEnd } from '../run-entry.ts';
import { test } from './shared-store.ts';

const readme = readFileSync(join(config.root, 'README.md'), 'utf8');

test('the lines under "Buy something" buy something, and the last one twice is the same order', async ({
  store,
}) => {
  const [, block = ''] = /Or by hand:\n```\n([\s\S]+?)```/.exec(readme) ?? [];
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

test('the lines under "Make it sick" print what is written below each', async ({ store }) => {
  const [, block = ''] = /## Make it sick\n[\s\S]*?```\n([\s\S]+?)```/.exec(readme) ?? [];
  const examples = [...block.matchAll(/^\$ (npm run .*)\n([^$]+)/gm)];
  expect(examples.length).toBe(3);
  for (const [, line = '', printed] of examples) {
    const command = `${line.replace('npm run', 'npm --silent run')} --state ${store.layout.state}`;
    expect(await runToEnd('bash', ['-c', command], plainEnvironment)).toEqual({ code: 0, output: printed });
  }
});

test('every link of a document leads to a file, and every npm command exists', () => {
  const { scripts } = JSON.parse(readFileSync(join(config.root, 'package.json'), 'utf8'));
  const documents = globSync('{*.md,docs/*.md,{services,packages,experiments}/*/README.md}', {
    cwd: config.root,
  });
  expect(documents.length).toBeGreaterThan(10);
  for (const document of documents) {
    const text = readFileSync(join(config.root, document), 'utf8');
    for (const [, link = ''] of text.matchAll(/\]\(([^)#:]+)\)/g)) {
      expect(existsSync(join(config.root, document, '..', link)), `${document}: ${link}`).toBe(true);
    }
    for (const [, script = ''] of text.matchAll(/\bnpm run ([\w:-]+)/g)) {
      expect(Object.keys(scripts), document).toContain(script);
    }
  }
});
