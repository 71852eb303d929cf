import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readDocuments } from '@meshmart/local-mesh/document';
import { MeshConfigError, type Problem } from '@meshmart/local-mesh/problems';

/** Any Kubernetes object. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; resourceVersion?: string; labels?: Record<string, string> };
  [field: string]: unknown;
}

/** Reads all objects of these files, in order. @throws MeshConfigError with the lines that are not YAML */
export async function readObjects(files: string[]): Promise<KubeObject[]> {
  const problems: Problem[] = [];
  const documents = [];
  for (const file of files) documents.push(...(await readDocuments(file, problems)));
  if (problems.length > 0) throw new MeshConfigError(problems);
  return documents.map(({ value }) => value as KubeObject);
}

/** Lists the YAML files of a folder by path, sorted. */
export async function listManifests(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml'));
  return names.sort().map((name) => join(folder, name));
}

/** Replaces objects of `base` by those of the same kind and name in `over`, and appends the rest of `over`. */
export function overlayObjects(base: KubeObject[], over: KubeObject[]): KubeObject[] {
  return [...new Map([...base, ...over].map((object) => [keyOf(object), object])).values()];
}

/** Returns the objects that are not among `others`. */
export function without(objects: KubeObject[], others: KubeObject[]): KubeObject[] {
  const keys = new Set(others.map(keyOf));
  return objects.filter((object) => !keys.has(keyOf(object)));
}

/** Returns the identity of an object within a namespace. All versions of an API share it. */
export function keyOf({ apiVersion, kind, metadata }: KubeObject): string {
  return `${apiVersion.replace(/\/?[^/]*$/, '')}/${kind}/${metadata.name}`;
}
