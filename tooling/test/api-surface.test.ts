import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { config } from '@meshmart/toolchain/config';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

type Schema = { [key: string]: unknown };

interface Operation {
  summary?: string;
  tags?: string[];
  responses: Record<string, unknown>;
  parameters?: { name: string; schema?: Schema }[];
  requestBody?: { content: Record<string, { schema?: Schema; example?: unknown }> };
}

/** The schemas of a request's parameters, by name, and of its body. */
interface Taken {
  operation: string;
  parameters: Record<string, Schema>;
  body: Schema | undefined;
}

function listTaken(document: { paths: Record<string, Record<string, Operation>> }): Taken[] {
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { parameters = [], requestBody }]) => ({
      operation: `${method.toUpperCase()} ${path}`,
      parameters: Object.fromEntries(parameters.map(({ name, schema = {} }) => [name, schema])),
      body: Object.values(requestBody?.content ?? {})[0]?.schema,
    })),
  );
}

/** Returns a schema and all schemas in it, each with its name. */
function flatten(name: string, schema: unknown): [string, Schema][] {
  if (typeof schema !== 'object' || schema === null) return [];
  const inner = Object.entries(schema).flatMap(([key, value]) => flatten(key, value));
  return [[name, schema as Schema], ...inner];
}

/** Finds the parts of a request that could be a URL or a host. */
function findAddresses({ operation, parameters, body }: Taken): string[] {
  const all = [...Object.entries(parameters), ['body', body] as const];
  return all
    .flatMap(([name, schema]) => flatten(name, schema))
    .filter(
      ([name, { format }]) =>
        /ur[il]|href|link|callback|webhook|redirect|endpoint|host/i.test(name) ||
        /^(ur[il]|iri|hostname|ipv\d|idn-hostname)/.test(String(format ?? '')),
    )
    .map(([name]) => `${operation}: ${name}`);
}

/** Finds objects of a body that accept unknown fields. */
function findOpenObjects({ operation, body }: Taken): string[] {
  return flatten('body', body)
    .filter(([, { type, additionalProperties }]) => type === 'object' && additionalProperties !== false)
    .map(([name]) => `${operation}: ${name}`);
}

const documents = globSync('services/*/openapi.json', { cwd: config.root }).map(
  (path) => [path, listTaken(JSON.parse(readFileSync(join(config.root, path), 'utf8')))] as const,
);

describe('what the services take', () => {
  test.each(documents)('%s: no request names an address to go to', (_, taken) => {
    expect(taken.flatMap(findAddresses)).toEqual([]);
  });

  test.each(documents)('%s: a body that holds more than its schema names is refused', (_, taken) => {
    expect(taken.flatMap(findOpenObjects)).toEqual([]);
  });

  test('there are bodies to look at', () => {
    expect(documents.flatMap(([, taken]) => taken).filter(({ body }) => body).length).toBeGreaterThan(5);
  });
});

test('a request that names an address, or takes any field, is found', () => {
  const bad: Taken = {
    operation: 'POST /pictures',
    parameters: { callbackUrl: { type: 'string' }, page: { type: 'integer' } },
    body: {
      type: 'object',
      properties: { picture: { type: 'string', format: 'uri' }, size: { type: 'object' } },
    },
  };
  expect(findAddresses(bad)).toEqual(['POST /pictures: callbackUrl', 'POST /pictures: picture']);
  expect(findOpenObjects(bad)).toEqual(['POST /pictures: body', 'POST /pictures: size']);
});

const operations = globSync('services/*/openapi.json', { cwd: config.root }).flatMap((path) => {
  const { paths } = JSON.parse(readFileSync(join(config.root, path), 'utf8'));
  return Object.entries<Record<string, Operation>>(paths).flatMap(([url, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${url}`, operation })),
  );
});

describe('every operation', () => {
  test.each(operations)('$name says in a line what it does, and who may call it', ({ operation }) => {
    expect(operation).toMatchObject({ summary: expect.stringMatching(/./), tags: [expect.any(String)] });
  });

  test.each(operations)('$name names each status that it responds with', ({ operation }) => {
    const statuses = Object.keys(operation.responses);
    expect(statuses.filter((status) => !/^\d{3}$/.test(status))).toEqual([]);
    expect(statuses).toEqual(expect.arrayContaining(['400', '500', '503']));
  });

  const writes = operations.filter(({ operation }) => operation.requestBody);
  test.each(writes)('$name has an example of a body that it takes', ({ operation }) => {
    const { schema = {}, example } = operation.requestBody?.content['application/json'] ?? {};
    expect(example).toBeDefined();
    const ajv = addFormats.default(new Ajv2020({ strict: false }));
    expect(ajv.validate(schema, example), ajv.errorsText()).toBe(true);
  });
});

interface VirtualService {
  spec: { http: { match: { uri: { exact?: string; prefix?: string } }[] }[] };
}

test.each(['/docs', '/docs/json', '/metrics', '/health/ready', '/faults', '/reservations/1', '/payments'])(
  'the gateway has no route to %s',
  (path) => {
    const store: VirtualService = parse(readFileSync(join(config.root, 'mesh/istio/store.yaml'), 'utf8'));
    const uris = store.spec.http.flatMap(({ match }) => match.map(({ uri }) => uri));
    const leadsTo = (asked: string) =>
      uris.some(({ exact, prefix }) => asked === exact || (prefix !== undefined && asked.startsWith(prefix)));
    expect([leadsTo(path), leadsTo('/products/1')]).toEqual([false, true]);
  },
);
