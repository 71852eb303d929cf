import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { plainEnvironment, runToEnd } from '@meshmart/test-support/run-entry';
import { config } from '@meshmart/toolchain/config';
import { expect } from 'vitest';
import { COMMANDS } from '../bootstrap/commands.mjs';
import type { RunningStore } from './running-store.ts';
import { test } from './shared-store.ts';

const read = (page: string) => readFileSync(join(config.root, page), 'utf8');

/** Returns the blocks of commands and outputs in a page, in order. */
const blocksOf = (page: string) =>
  [...read(page).matchAll(/```\n([\s\S]+?)```/g)].map(([, block = '']) => block);

/** Runs commands as a page shows them, on the test's store. */
function run(commands: string, { port, layout }: RunningStore) {
  const line = commands
    .replaceAll('http://127.0.0.1:8080', `http://127.0.0.1:${port}`)
    .replaceAll('.meshmart/', `${layout.state}/`)
    .replace(/^\.\/meshmart .*$/gm, `$& --state ${layout.state}`);
  return runToEnd('bash', ['-e', '-o', 'pipefail', '-c', line], plainEnvironment);
}

test.for([
  ['docs/tutorials/first-canary.md', 1, /^(x-served-by: product\/v1\s+){10}$/],
  ['docs/how-to/rotate-signing-keys.md', 0, /signs from/],
  ['docs/how-to/debug-a-failed-expectation.md', 2, /gateway.*rq_total|http\..*rq_total/],
] as const)('the commands of %s (block %i) work', async ([page, block, printed], { store }) => {
  const { code, output } = await run(blocksOf(page)[block] ?? '', store);
  expect(code, output).toBe(0);
  expect(output).toMatch(printed);
});

test('docs/how-to/buy-with-curl.md places an order, and repeating its last line returns the same order', async ({
  store,
}) => {
  const [commands = ''] = blocksOf('docs/how-to/buy-with-curl.md');
  const order = commands.slice(commands.indexOf('curl -s $api/orders'));
  const { code, output } = await run(`${commands}\necho\n${order}`, store);
  expect(code, output).toBe(0);
  const [first, second] = output
    .trim()
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf('{"id"')));
  expect(second, output).toMatch(/^{/);
  expect(JSON.parse(String(second))).toMatchObject({ status: 'confirmed' });
  expect(String(first)).toBe(second);
});

test('the commands in docs/how-to/inject-faults.md have the output shown there', async ({ store }) => {
  const [block = ''] = blocksOf('docs/how-to/inject-faults.md');
  const examples = [...block.matchAll(/^\$ (\.\/meshmart .*)\n([^$]+)/gm)];
  expect(examples.length).toBe(3);
  for (const [, line = '', printed] of examples) {
    expect(await run(line, store)).toEqual({ code: 0, output: printed });
  }
});

test('every link in a page leads to a file, and every command exists', () => {
  const documents = globSync('{*.md,docs/**/*.md,{services,packages,experiments}/*/README.md,*/README.md}', {
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
