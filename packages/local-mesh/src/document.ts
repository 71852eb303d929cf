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

/** One YAML document that parsed, and a way from a field to its line. */
export interface SourceDocument {
  file: string;
  value: unknown;
  lineOf(path: FieldPath): number;
}

/**
 * kubectl reads YAML 1.1: an unquoted `yes` is a boolean, `010` is 8, and `<<` merges. Times and what counts in sixties stay text.
 * Source: https://pkg.go.dev/sigs.k8s.io/yaml/goyaml.v2
 */
const AS_KUBECTL: ParseOptions & DocumentOptions & SchemaOptions = {
  version: '1.1',
  merge: true,
  customTags: (tags) =>
    tags.filter(
      (tag) => typeof tag === 'string' || (tag.format !== 'TIME' && !tag.tag.endsWith(':timestamp')),
    ),
};

/** Parses a file of YAML documents; empty ones are left out. What does not parse is added to `problems`. */
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

/** Where a field starts: its key for a member of a map, the item for one of a list, else the nearest parent. */
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
