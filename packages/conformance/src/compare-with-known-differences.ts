import { isDeepStrictEqual } from 'node:util';
import { compare, type Difference } from './compare.ts';
import type { KnownDifference, Place } from './differences.ts';
import type { Json, MeshDump, ProxyDump } from './dump.ts';

/** Both sides of a state of the mesh. */
export interface Pair {
  state: string;
  local: MeshDump;
  cluster: MeshDump;
}

interface StateComparison {
  state: string;
  /** Number of proxies of the local mesh, and of resources that it sends them. */
  proxies: number;
  resources: number;
  unlisted: Difference[];
}

export interface ConfigurationComparison {
  states: StateComparison[];
  /** Places of the list at which no state has that difference. */
  stale: Place[];
  /** Whether nothing is unlisted or stale. */
  agrees: boolean;
}

/** Compares both sides of each state, and checks the differences against the list of known ones in both directions. */
export function compareWithKnownDifferences(
  pairs: Pair[],
  known: KnownDifference[],
): ConfigurationComparison {
  const places = known.flatMap((difference) => difference.places);
  const matchers = places.map((place) => ({ place, covers: matcherOf(place) }));
  const seen = new Set<Place>();
  const states = pairs.map(({ state, local, cluster }) => {
    const unlisted = compare(asJson(local), asJson(cluster)).filter((difference) => {
      const covering = matchers.filter(({ covers }) => covers(difference));
      for (const { place } of covering) seen.add(place);
      return covering.length === 0;
    });
    const proxies = Object.values(local);
    const resources = proxies.reduce((sum, proxy) => sum + countResources(proxy), 0);
    return { state, proxies: proxies.length, resources, unlisted };
  });
  const stale = places.filter((place) => !seen.has(place));
  const agrees = stale.length === 0 && states.every(({ unlisted }) => unlisted.length === 0);
  return { states, stale, agrees };
}

function countResources(proxy: ProxyDump): number {
  return Object.values(proxy).flatMap((resources) => Object.keys(resources)).length;
}

function asJson(dump: MeshDump): Json {
  return dump as unknown as Json;
}

const elsewhere = '[^/|]+\\.(?!meshmart\\.)[^/.|]+\\.svc\\.cluster\\.local';
const placeholders: Record<string, string> = {
  '**': '.*',
  '*': '[^/]*',
  '<sidecar>': '(?!gateway/)[^/]+',
  '<elsewhere>': elsewhere,
  '<address>': '(?!0\\.0\\.0\\.0)[\\d.]+',
  '<port>': `(?:(?!80$)\\d+|${elsewhere}:\\d+)`,
};

function matcherOf(place: Place): (difference: Difference) => boolean {
  const source = place.path.replace(
    /\*\*|\*|<\w+>|[.+?^${}()|[\]\\]/g,
    (part) => placeholders[part] ?? `\\${part}`,
  );
  const pattern = new RegExp(`^${source}$`);
  return (difference) =>
    pattern.test(difference.path) &&
    fits(place.local, difference.local) &&
    fits(place.cluster, difference.cluster);
}

function fits(expected: Json | undefined, found: Json | undefined): boolean {
  return expected === '*' ? found !== undefined : isDeepStrictEqual(expected, found);
}
