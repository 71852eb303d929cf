import type { Json } from './dump.ts';

/** A place at which the platforms differ; a side that has nothing there is undefined. */
export interface Difference {
  /** E.g. `gateway/routes/http.80/virtual_hosts/*:80/routes/0/route/timeout`. */
  path: string;
  local?: Json;
  cluster?: Json;
}

/** Everything in which two values differ, each at the deepest place that both sides have. */
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

/** The parts of an object, or of a list whose other side is a list, by name or number. */
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

/** Filters, virtual hosts and the like have names; filter chains of one name differ in what they match. Texts are their own. */
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

/** Of what both sides have. */
function compareOrder(ours: Map<string, Json>, theirs: Map<string, Json>, path: string[]): Difference[] {
  const local = [...ours.keys()].filter((name) => theirs.has(name));
  const cluster = [...theirs.keys()].filter((name) => ours.has(name));
  if (local.every((name, index) => name === cluster[index])) return [];
  return [{ path: [...path, '(order)'].join('/'), local, cluster }];
}
