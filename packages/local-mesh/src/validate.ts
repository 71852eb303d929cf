import type { TSchema } from 'typebox';
import { Settings } from 'typebox/system';
import Value from 'typebox/value';
import type { FieldPath, SourceDocument } from './document.ts';
import type { Problem } from './problems.ts';

// Reports all problems of a file at once; TypeBox's default is 8.
Settings.Set({ maxErrors: 1000 });

/** Validates a document against a schema whose objects are all `closed`. @returns its problems, by line */
export function validate(schema: TSchema, document: SourceDocument, resource: string): Problem[] {
  const problems = new Map<string, Problem>();
  for (const error of Value.Errors(schema, document.value)) {
    const found = describe(schema, error);
    if (!found) continue;
    const field = printPath(found.path);
    if (problems.has(field)) continue;
    const line = document.lineOf(found.path);
    problems.set(field, { file: document.file, line, resource, field, message: found.message });
  }
  return [...problems.values()].sort((a, b) => a.line - b.line);
}

/** Prints a path: `['spec', 'http', 0, 'timeout']` as `spec.http[0].timeout`. */
function printPath(path: FieldPath): string {
  return path
    .map((part) =>
      typeof part === 'number' ? `[${part}]` : /^[\w-]+$/.test(part) ? `.${part}` : `["${part}"]`,
    )
    .join('')
    .replace(/^\./, '');
}

type SchemaError = ReturnType<typeof Value.Errors>[number];

function describe(schema: TSchema, error: SchemaError): { path: FieldPath; message: string } | undefined {
  const path = parsePointer(error.instancePath);
  const at = resolve(schema, error.schemaPath);
  switch (error.keyword) {
    case 'boolean': {
      const parent = resolve(schema, error.schemaPath.replace(/\/additionalProperties$/, ''));
      const known = parent.properties ? ` (supported: ${Object.keys(parent.properties).join(', ')})` : '';
      return {
        path,
        message: `the local platform does not support this field${known}; correct or remove it, or run it with --on cluster`,
      };
    }
    case 'additionalProperties':
      return undefined; // Repeats the problem of 'boolean', which names the field itself.
    case 'required': {
      const [missing = ''] = error.params.requiredProperties;
      return { path: [...path, missing], message: 'this field is missing; add it' };
    }
    case 'minProperties':
    case 'maxProperties': {
      const count = at.maxProperties === 1 ? 'exactly' : 'at least';
      return {
        path,
        message: `must have ${count} one of ${Object.keys(at.properties ?? {}).join(', ')}; correct it`,
      };
    }
    case '~refine':
      return { path, message: error.message };
    case 'enum':
    case 'const':
    case 'anyOf': {
      const supported = at.enum ?? at.anyOf?.map((choice) => choice.const) ?? [at.const];
      return {
        path,
        message: `the local platform supports ${supported.join(', ')}; use that, or run it with --on cluster`,
      };
    }
    default:
      return { path, message: at.errorMessage ?? `${error.message}; correct it` };
  }
}

interface SchemaNode {
  properties?: Record<string, unknown>;
  maxProperties?: number;
  enum?: unknown[];
  const?: unknown;
  anyOf?: { const?: unknown }[];
  /** Replaces TypeBox's own message. */
  errorMessage?: string;
}

function resolve(schema: TSchema, schemaPath: string): SchemaNode {
  let node: unknown = schema;
  for (const part of parsePointer(schemaPath.replace(/^#/, ''))) {
    node = (node as Record<string | number, unknown> | undefined)?.[part];
  }
  return (node ?? {}) as SchemaNode;
}

function parsePointer(pointer: string): FieldPath {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
