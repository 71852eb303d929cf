import type { Json } from './dump.ts';

/** A place at which the targets differ. A side that has nothing there is undefined. */
export interface Difference {
  /** For example `gateway/routes/http.80/virtual_hosts/*:80/routes/0/route/timeout`. */
  path: string;
  local?: Json;
  cluster?: Json;
}

/** Compares two values. @returns every difference, at the deepest place that both sides have */
export function compare(
  local: Json | undefined,
  cluster: Json | undefined,
  path: string[] = [],
): Difference[] {
  if (local === undefined || cluster === undefined) {
    if (local === cluster) return [];
    return [{ path: path.join('/'), ...(cluster === undefined ? { local: local as Json } : { cluster }) }];
  }
  const [ours, theirs] = [partsOf(local, cluster), partsOf(cluster, local)];
  if (!ours || !theirs) return local === cluster ? [] : [{ path: path.join('/'), local, cluster }];
  const names = new Set([...ours.keys(), ...theirs.keys()]);
  const inside = [...names].flatMap((name) => compare(ours.get(name), theirs.get(name), [...path, name]));
  return Array.isArray(local) ? [...inside, ...compareOrder(ours, theirs, path)] : inside;
}

/**
 * Returns the parts of an object by name, and those of a list by name or number. Undefined when the types do not match.
 */
function partsOf(value: Json, other: Json): Map<string, Json> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value) !== Array.isArray(other)) return undefined;
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  const areNamed = [...value, ...(other as Json[])].every((item) => nameOf(item) !== undefined);
  const parts = new Map<string, Json>();
  value.forEach((item, index) => {
    parts.set(areNamed ? unusedName(nameOf(item) as string, parts) : String(index), item);
  });
  return parts;
}

/**
 * Returns the name of a list's item. A text is its own name; filter chains of one name are distinguished by their
 * match.
 */
function nameOf(item: Json): string | undefined {
  if (typeof item === 'string') return item;
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return undefined;
  if (typeof item.name !== 'string') return undefined;
  const match = item.filter_chain_match as { transport_protocol?: string } | undefined;
  return [item.name, match?.transport_protocol].filter(Boolean).join(' ');
}

function unusedName(name: string, used: Map<string, Json>): string {
  let unused = name;
  for (let count = 2; used.has(unused); count++) unused = `${name} (${count})`;
  return unused;
}

/** Compares the order of the parts that both sides have. */
function compareOrder(ours: Map<string, Json>, theirs: Map<string, Json>, path: string[]): Difference[] {
  const local = [...ours.keys()].filter((name) => theirs.has(name));
  const cluster = [...theirs.keys()].filter((name) => ours.has(name));
  if (local.every((name, index) => name === cluster[index])) return [];
  return [{ path: [...path, '(order)'].join('/'), local, cluster }];
}
