import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { config } from '@meshmart/toolchain/config';
import { expect, test } from 'vitest';

interface NamedTest {
  risk: string;
  file: string;
  title: string;
}

/** The tests that a page names as `[a.test.ts](../path/a.test.ts): “title”, “title”`, by the row of its table. */
function readNamedTests(page: string): NamedTest[] {
  const rows = page.split('\n').filter((line) => line.startsWith('| API'));
  return rows.flatMap((row) => {
    const risk = row.split(' ')[1] as string;
    return [...row.matchAll(/\]\(\.\.\/([^)]+)\): ((?:“[^”]+”(?:, )?)+)/g)].flatMap(
      ([, file = '', titles = '']) =>
        [...titles.matchAll(/“([^”]+)”/g)].map(([, title = '']) => ({ risk, file, title })),
    );
  });
}

/** @returns the named tests that are not there */
function findStale(named: NamedTest[]): string[] {
  return named
    .filter(({ file, title }) => {
      const path = join(config.root, file);
      if (!existsSync(path)) return true;
      const source = readFileSync(path, 'utf8');
      return !["'", '"', '`'].some(
        (quote) => source.includes(`(${quote}${title}${quote}`) || startsLine(source, quote + title + quote),
      );
    })
    .map(({ risk, file, title }) => `${risk}: ${file} has no test “${title}”`);
}

/** Where the formatter puts a title on a line of its own. */
function startsLine(source: string, literal: string): boolean {
  return source.split('\n').some((line) => line.trimStart().startsWith(`${literal},`));
}

const named = readNamedTests(readFileSync(join(config.root, 'docs/explanation/owasp.md'), 'utf8'));

test('docs/explanation/owasp.md names a test for each of the ten risks, and each test exists', () => {
  const risks = Array.from({ length: 10 }, (_, index) => `API${index + 1}`);
  expect([...new Set(named.map(({ risk }) => risk))]).toEqual(risks);
  expect(findStale(named)).toEqual([]);
});

test('a test that was renamed, or whose file is gone, is found', () => {
  const row =
    '| API1 X | y | [a](../tooling/test/owasp.test.ts): “no such title”; [b](../gone.test.ts): “x” |';
  expect(findStale(readNamedTests(row))).toEqual([
    'API1: tooling/test/owasp.test.ts has no test “no such title”',
    'API1: gone.test.ts has no test “x”',
  ]);
});
