/** Draws from the seed. */
export interface Draw {
  below(end: number): number;
  one<T>(list: readonly T[]): T;
  chance(share: number): boolean;
}

/**
 * A request that is still being put together. All texts are latin1, a character for each byte, since they need not be UTF-8.
 */
export interface Draft {
  method: string;
  version: string;
  /** The path's segments as they are sent. */
  segments: string[];
  query: [name: string, value: string][];
  headers: [name: string, value: string][];
  /** The body's members by name: JSON texts, or a form's values. */
  fields: Record<string, string>;
  type: 'json' | 'form' | 'none';
  /** In place of all that `method`, `segments`, `query` and `version` make. */
  requestLine?: string;
  /** In place of what `fields` make. */
  body?: string;
  /** In place of the headers that say how long the body is. */
  framing?: string[];
  /** Nothing follows, and the server must see that. */
  ends?: boolean;
  /** It may be for another route than it was made for. */
  strays?: boolean;
}

export function createDraw(random: () => number): Draw {
  const below = (end: number) => Math.floor(random() * end);
  return {
    below,
    one: (list) => list[below(list.length)] as (typeof list)[number],
    chance: (share) => random() < share,
  };
}

/** UTF-8, a character for each byte. */
export function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

export function setHeader(draft: Draft, name: string, ...values: string[]): void {
  draft.headers = draft.headers.filter(([other]) => other !== name);
  draft.headers.push(...values.map((value): [string, string] => [name, value]));
}

export function renderBody({ type, fields, body }: Draft): string {
  if (body !== undefined) return body;
  const entries = Object.entries(fields);
  if (type === 'json')
    return `{${entries.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`;
  return type === 'form' ? entries.map(([name, value]) => `${name}=${value}`).join('&') : '';
}

export function render(draft: Draft): Buffer {
  const { method, version, segments, query, headers, framing } = draft;
  const search = query.map(([name, value]) => `${name}=${value}`).join('&');
  const target = `/${segments.join('/')}${search && `?${search}`}`;
  const body = renderBody(draft);
  const length = framing ?? (body || draft.type !== 'none' ? [`content-length: ${body.length}`] : []);
  const lines = [
    draft.requestLine ?? `${method} ${target} ${version}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...length,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1');
}
