import { expect, test } from 'vitest';
import { replaceTable } from '../src/record.ts';

const readme = (table: string, trap: string) => `# timeout

\`\`\`
./meshmart experiment timeout
\`\`\`

\`\`\`
${table}
\`\`\`

## The trap

\`\`\`
./meshmart experiment timeout --variant trap
\`\`\`
It shows:
\`\`\`
${trap}
\`\`\`
`;

test('replaces the block after the command of the run, and no other', () => {
  const before = readme('old\n\nPASS', 'old trap');
  expect(replaceTable(before, './meshmart experiment timeout', 'new')).toBe(readme('new', 'old trap'));
  expect(replaceTable(before, './meshmart experiment timeout --variant trap', 'new')).toBe(
    readme('old\n\nPASS', 'new'),
  );
});

test('refuses a README without the command', () => {
  expect(() => replaceTable('# timeout\n', './meshmart experiment timeout', 'new')).toThrow(/has no block/);
});
