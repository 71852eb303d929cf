import type { Find } from './search.ts';

interface Home {
  /** Kinds of secrets that are allowed there. */
  kinds: string[];
  /** Matches a file or table, with the name of its folder. */
  place: RegExp;
  /** True for a file that only its owner may read. */
  isOwnersAlone?: true;
}

const personal = ['email', 'name', 'address'];

/** The only places where secrets and personal data may be, and must be. */
export const homes: Home[] = [
  { kinds: ['email', 'name'], place: /^evidence\/table user public\.users$/ },
  { kinds: ['name', 'address'], place: /^evidence\/table user public\.addresses$/ },
  // Another replica may have to pay an order. The simulated provider keeps its log beside the payments.
  { kinds: ['payment token'], place: /^evidence\/table order public\.orders$/ },
  { kinds: ['payment token'], place: /^evidence\/table payment public\.provider_entries$/ },
  // The same rows in PostgreSQL's own files.
  { kinds: [...personal, 'payment token'], place: /^database\/data\/(base|pg_wal)\//, isOwnersAlone: true },
  { kinds: ['database password'], place: /^database\/data\.password$/, isOwnersAlone: true },
  { kinds: ['admin password'], place: /^state\/secrets\/admin-password$/, isOwnersAlone: true },
  { kinds: ['admin password'], place: /^evidence\/terminal$/ },
  { kinds: ['signing key'], place: /^state\/secrets\/signing-keys\.json$/, isOwnersAlone: true },
  { kinds: ['root key'], place: /^state\/certificates\/[^/]+\.pem$/, isOwnersAlone: true },
];

/** A find with its place in the form that `homes` matches: folder and path. */
export interface PlacedFind extends Find {
  place: string;
}

/** Returns the finds outside of `homes`, one for each place and kind. */
export function findHomeless(finds: PlacedFind[]): string[] {
  const homeless = finds.filter(
    ({ place, kind }) => !homes.some((home) => home.kinds.includes(kind) && home.place.test(place)),
  );
  const byPlace = Map.groupBy(homeless, ({ place, kind }) => `${kind} in ${place}`);
  return [...byPlace]
    .map(([what, [first, ...more]]) => `${what} (${first?.way}, and ${more.length} more): …${first?.context}`)
    .sort();
}
