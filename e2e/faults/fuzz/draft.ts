/** Draws random choices from the seed. */
export interface Draw {
  below(end: number): number;
  one<T>(list: readonly T[]): T;
  chance(share: number): boolean;
}

/**
 * A request under construction. All texts are latin1, one character for each byte, since they need not be UTF-8.
 */
export interface Draft {
  method: string;
  version: string;
  /** Segments of the path as sent. */
  segments: string[];
  query: [name: string, value: string][];
  headers: [name: string, value: string][];
  /** Members of the body by name: JSON texts, or values of a form. */
  fields: Record<string, string>;
  type: 'json' | 'form' | 'none';
  /** Replaces the line made of `method`, `segments`, `query` and `version`. */
  requestLine?: string;
  /** Replaces the body made of `fields`. */
  body?: string;
  /** Replaces the headers that state the length of the body. */
  framing?: string[];
  /** Ends the client's side after the request. */
  ends?: boolean;
  /** True when the request may reach another route than intended. */
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

/** Encodes text as UTF-8, one character for each byte. */
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
