import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

/** The keywords of JSON Schema that bound the size of a value. */
interface Schema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  maxLength?: number;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  maxItems?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  patternProperties?: Record<string, Schema>;
  anyOf?: Schema[];
}

/**
 * Requires a maximum size for every string, number and list in a route's body, query, path and headers (OWASP
 * API4:2023, unrestricted resource consumption).
 *
 * @throws an Error at the start that names the route and its unbounded values
 */
export const boundedInput = fp(async (app: FastifyInstance) => {
  app.addHook('onRoute', ({ method, url, schema = {} }) => {
    const { body, querystring, params, headers } = schema as Record<string, Schema | undefined>;
    const unbounded = Object.entries({ body, querystring, params, headers }).flatMap(([part, its]) =>
      its ? findUnbounded(its, part) : [],
    );
    if (url.includes(':') && !params) unbounded.push('params');
    if (unbounded.length > 0) throw new Error(`${method} ${url} sets no limit for ${unbounded.join(', ')}`);
  });
});

/** @returns the paths of unbounded values, such as `body/items/0/name` */
function findUnbounded(schema: Schema, path: string): string[] {
  if (schema.const !== undefined || schema.enum) return [];
  if (schema.anyOf) return schema.anyOf.flatMap((one) => findUnbounded(one, path));
  switch (schema.type) {
    case 'boolean':
    case 'null':
      return [];
    case 'string':
      return schema.maxLength !== undefined || boundsLength(schema.pattern) ? [] : [path];
    case 'integer':
    case 'number':
      return schema.minimum !== undefined && schema.maximum !== undefined ? [] : [path];
    case 'array':
      return [
        ...(schema.maxItems === undefined ? [path] : []),
        ...findUnbounded(schema.items ?? {}, `${path}/0`),
      ];
    case 'object': {
      const isMap = schema.patternProperties ?? typeof schema.additionalProperties === 'object';
      const named = Object.entries(schema.properties ?? {});
      return [
        ...(isMap ? [path] : []),
        ...named.flatMap(([name, its]) => findUnbounded(its, `${path}/${name}`)),
      ];
    }
    default:
      return [path]; // anything at all
  }
}

/** Returns whether a pattern bounds the length: it is anchored at both ends and has no unbounded repetition. */
function boundsLength(pattern: string | undefined): boolean {
  return pattern !== undefined && /^\^.*\$$/.test(pattern) && !/[*+|]|\{\d+,\}/.test(pattern);
}
