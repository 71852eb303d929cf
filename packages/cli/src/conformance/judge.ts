import { isDeepStrictEqual } from 'node:util';
import { compare, type Difference } from './compare.ts';
import type { KnownDifference } from './differences.ts';
import type { Json, MeshDump } from './dump.ts';

/** Both sides of one state of the mesh. */
export interface Pair {
  state: string;
  local: MeshDump;
  cluster: MeshDump;
}

export interface Judgement {
  states: { state: string; unlisted: Difference[] }[];
  /** Differences of the list that were in none of the states. */
  stale: KnownDifference[];
  /** Nothing unlisted, nothing stale. */
  agrees: boolean;
}

/** Holds every difference against the list, and the list against every difference. */
export function judge(pairs: Pair[], known: KnownDifference[]): Judgement {
  const matchers = known.map((entry) => ({ entry, covers: matcherOf(entry) }));
  const seen = new Set<KnownDifference>();
  const states = pairs.map(({ state, local, cluster }) => {
    const unlisted = compare(asJson(local), asJson(cluster)).filter((difference) => {
      const covering = matchers.filter(({ covers }) => covers(difference));
      for (const { entry } of covering) seen.add(entry);
      return covering.length === 0;
    });
    return { state, unlisted };
  });
  const stale = known.filter((entry) => !seen.has(entry));
  const agrees = stale.length === 0 && states.every(({ unlisted }) => unlisted.length === 0);
  return { states, stale, agrees };
}

function asJson(dump: MeshDump): Json {
  return dump as unknown as Json;
}

const placeholders: Record<string, string> = {
  '**': '.*',
  '*': '[^/]*',
  '<sidecar>': '(?!gateway/)[^/]+',
  '<elsewhere>': '[^/|]+\\.(?!meshmart\\.)[^/.|]+\\.svc\\.cluster\\.local',
  '<address>': '(?!0\\.0\\.0\\.0)[\\d.]+',
  '<port>': '(?!80$)\\d+',
};

function matcherOf(entry: KnownDifference): (difference: Difference) => boolean {
  const source = entry.path.replace(
    /\*\*|\*|<\w+>|[.+?^${}()|[\]\\]/g,
    (part) => placeholders[part] ?? `\\${part}`,
  );
  const pattern = new RegExp(`^${source}$`);
  return (difference) =>
    pattern.test(difference.path) &&
    fits(entry.local, difference.local) &&
    fits(entry.cluster, difference.cluster);
}

function fits(expected: Json | undefined, found: Json | undefined): boolean {
  return expected === '*' ? found !== undefined : isDeepStrictEqual(expected, found);
}
