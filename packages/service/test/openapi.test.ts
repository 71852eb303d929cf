import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { createApp } from '../src/app.ts';
import { defineProblems } from '../src/problems.ts';
import { testConfig } from './test-config.ts';

const { kinds } = defineProblems({ 'no-tea': { status: 409, title: 'There is no tea' } });

async function documentPost(problems: string[]) {
  const app = await createApp({ name: 'test', description: 'A test.', config: testConfig, problems: kinds });
  app.post(
    '/teas',
    {
      config: { access: 'service', problems, responseHeaders: ['location'] },
      schema: { operationId: 'brew', summary: 'Brew tea', response: { 201: Type.Object({}) } },
    },
    async () => ({}),
  );
  await app.ready();
  const [operation] = Object.values(app.swagger().paths ?? {}).map((path) => path?.post as never);
  await app.close();
  return operation as unknown as { tags: string[]; responses: Record<string, { headers: object }> };
}

test("the document has one response per status, with the route's problems", async () => {
  const { tags, responses } = await documentPost(['no-tea']);
  expect(tags).toEqual(['service']);
  expect(Object.keys(responses)).toEqual(['201', '400', '409', '413', '415', '500', '503']);
  expect(Object.keys(responses[201]?.headers ?? {})).toEqual(['location', 'x-served-by']);
  expect(responses[409]).toMatchObject({
    description: 'There is no tea',
    content: {
      'application/problem+json': {
        schema: {
          allOf: [{}, { properties: { type: { enum: ['urn:meshmart:problem:no-tea'] } } }],
        },
      },
    },
  });
});

test('a route with an unknown problem is an error', async () => {
  await expect(documentPost(['no-coffee'])).rejects.toThrow('there is no problem no-coffee');
});
