import { readFile } from 'node:fs/promises';
import {
  type Document,
  type DocumentOptions,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  type ParseOptions,
  parseAllDocuments,
  type SchemaOptions,
} from 'yaml';
import type { Problem } from './problems.ts';

export type FieldPath = (string | number)[];

/** A YAML document that was parsed without errors. `lineOf` finds a field's line. */
export interface SourceDocument {
  file: string;
  value: unknown;
  lineOf(path: FieldPath): number;
}

/**
 * The dialect of kubectl, YAML 1.1: an unquoted `yes` is a boolean, `010` is 8, and `<<` merges. Timestamps and
 * sexagesimal numbers stay text. https://pkg.go.dev/sigs.k8s.io/yaml/goyaml.v2
 */
const AS_KUBECTL: ParseOptions & DocumentOptions & SchemaOptions = {
  version: '1.1',
  merge: true,
  customTags: (tags) =>
    tags.filter(
      (tag) => typeof tag === 'string' || (tag.format !== 'TIME' && !tag.tag.endsWith(':timestamp')),
    ),
};

/**
 * Parses a file's YAML documents, without the empty ones. Adds syntax errors to `problems`.
 * @throws when it is unreadable
 */
export async function readDocuments(file: string, problems: Problem[]): Promise<SourceDocument[]> {
  const lines = new LineCounter();
  const text = await readFile(file, 'utf8');
  const documents: Document[] = [
    ...parseAllDocuments(text, { ...AS_KUBECTL, lineCounter: lines, prettyErrors: false }),
  ];
  for (const { errors } of documents) {
    for (const error of errors) {
      const { line } = lines.linePos(error.pos[0]);
      problems.push({
        file,
        line,
        resource: 'YAML',
        field: '',
        message: `${error.message}; correct the file`,
      });
    }
  }
  return documents
    .filter((document) => document.errors.length === 0 && document.contents !== null)
    .map((document) => ({ document, value: document.toJS() as unknown }))
    .filter(({ value }) => value !== null)
    .map(({ document, value }) => ({
      file,
      value,
      lineOf: (path) => lines.linePos(startOf(document, path)).line,
    }));
}

/** Returns the offset of a field: of its key in a map, of the item in a list, or else of the nearest parent. */
function startOf(document: Document, path: FieldPath): number {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(path.at(-1)));
    if (isNode(pair?.key)) return offsetOf(pair.key);
  }
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  if (isNode(node)) return offsetOf(node);
  return startOf(document, path.slice(0, -1));
}

function offsetOf(node: Node): number {
  return node.range?.[0] ?? 0;
}
