import type { Find } from './search.ts';

interface Home {
  /** What is allowed there, by kind. */
  kinds: string[];
  /** The file, or the table, by the name of the folder it is in. */
  place: RegExp;
  /** Whether it is a file that only its owner may read. */
  isOwnersAlone?: true;
}

const personal = ['email', 'name', 'address'];

/** Where a secret, or what is known of a person, has to be. Everywhere else it must not be. */
export const homes: Home[] = [
  { kinds: ['email', 'name'], place: /^evidence\/table user public\.users$/ },
  { kinds: ['name', 'address'], place: /^evidence\/table user public\.addresses$/ },
  // An order that another replica takes over has to be paid; the provider is simulated, and has its log beside the payments.
  { kinds: ['payment token'], place: /^evidence\/table order public\.orders$/ },
  { kinds: ['payment token'], place: /^evidence\/table payment public\.provider_entries$/ },
  // The same rows, as the server stores them.
  { kinds: [...personal, 'payment token'], place: /^database\/data\/(base|pg_wal)\//, isOwnersAlone: true },
  { kinds: ['database password'], place: /^database\/data\.password$/, isOwnersAlone: true },
  { kinds: ['admin password'], place: /^state\/secrets\/admin-password$/, isOwnersAlone: true },
  { kinds: ['admin password'], place: /^evidence\/terminal$/ },
  { kinds: ['signing key'], place: /^state\/secrets\/signing-keys\.json$/, isOwnersAlone: true },
  { kinds: ['root key'], place: /^state\/certificates\/[^/]+\.pem$/, isOwnersAlone: true },
];

/** A find, with its place as `homes` names it: the folder it is in, and the path there. */
export interface PlacedFind extends Find {
  place: string;
}

/** @returns what was found where it has no home, once for each place and kind */
export function findHomeless(finds: PlacedFind[]): string[] {
  const homeless = finds.filter(
    ({ place, kind }) => !homes.some((home) => home.kinds.includes(kind) && home.place.test(place)),
  );
  const byPlace = Map.groupBy(homeless, ({ place, kind }) => `${kind} in ${place}`);
  return [...byPlace]
    .map(([what, [first, ...more]]) => `${what} (${first?.way}, and ${more.length} more): …${first?.context}`)
    .sort();
}
