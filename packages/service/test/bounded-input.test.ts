import { type TSchema, Type } from 'typebox';
import { expect, test } from 'vitest';
import { Uuid } from '../src/schemas.ts';
import { startApp } from './helper.ts';

function startWith(url: string, schema: Record<string, TSchema>) {
  return startApp((it) => {
    it.post(url, { config: { access: 'anonymous' }, schema }, async () => ({}));
  });
}

const one = (schema: TSchema) => Type.Object({ one: schema });

test.each([
  ['a text', Type.String(), 'body/one'],
  ['a text of at least one letter', Type.String({ pattern: '^[a-z]+$' }), 'body/one'],
  ['a text that only contains a pattern', Type.String({ pattern: '[0-9]{2}' }), 'body/one'],
  ['a text with two patterns', Type.String({ pattern: '^a$|^b' }), 'body/one'],
  ['a number', Type.Number({ minimum: 0 }), 'body/one'],
  ['a whole number', Type.Integer({ maximum: 5 }), 'body/one'],
  ['a list', Type.Array(Uuid), 'body/one'],
  ['what is in a list', Type.Array(one(Type.String()), { maxItems: 2 }), 'body/one/0/one'],
  ['one of two', Type.Union([Uuid, Type.String()]), 'body/one'],
  ['a map', Type.Record(Type.String(), Uuid), 'body/one'],
  ['anything', Type.Unknown(), 'body/one'],
])('a route with unbounded %s stops the start', async (_what, schema, path) => {
  await expect(startWith('/things', { body: one(schema) })).rejects.toThrow(
    `POST /things sets no limit for ${path}`,
  );
});

test.each(['querystring', 'params', 'headers'])('an unbounded value in %s stops the start', async (part) => {
  await expect(startWith('/things', { [part]: one(Type.String()) })).rejects.toThrow(`${part}/one`);
});

test('a route without a schema for its path parameters stops the start', async () => {
  await expect(startWith('/things/:id', {})).rejects.toThrow('POST /things/:id sets no limit for params');
});

test('a route with limits starts', async () => {
  const body = Type.Object({
    text: Type.Optional(Type.String({ maxLength: 10 })),
    token: Type.String({ pattern: '^tok_[a-z_]{1,60}$' }),
    id: Type.Union([Uuid, Type.Null()]),
    size: Type.Integer({ minimum: 1, maximum: 5 }),
    kind: Type.Enum(['a', 'b']),
    is: Type.Boolean(),
    only: Type.Literal('1'),
    list: Type.Array(Uuid, { maxItems: 3 }),
  });
  await startWith('/things/:id', { body, params: Type.Object({ id: Uuid }) });
});
