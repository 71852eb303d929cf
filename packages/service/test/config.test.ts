import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { readConfig, serviceConfig } from '../src/config.ts';

const schema = Type.Object({ ...serviceConfig, DATABASE_URL: Type.String({ minLength: 1 }) });

test('reads numbers, applies defaults, and ignores other variables', () => {
  const config = readConfig(schema, { DATABASE_URL: 'postgresql://x', PORT: '3000', HOME: '/root' });
  expect(config).toMatchObject({ DATABASE_URL: 'postgresql://x', PORT: 3000, SERVICE_VERSION: 'v1' });
  expect(config).not.toHaveProperty('HOME');
});

test('names invalid variables without their values', () => {
  const read = () => readConfig(schema, { PORT: 's3cret', SERVICE_VERSION: 'two' });
  expect(read).toThrow(/DATABASE_URL/);
  expect(read).toThrow(/PORT must be integer/);
  expect(read).toThrow(/SERVICE_VERSION must match pattern/);
  expect(read).not.toThrow(/s3cret/);
});
