import { type Draft, type Draw, renderBody, setHeader } from './draft.ts';
import {
  BODIES,
  CHUNKS,
  CONTENT_TYPES,
  FRAMINGS,
  HEADERS,
  KEYS,
  METHODS,
  REQUEST_LINES,
  TAGS,
} from './hostile-parts.ts';
import { AUTHORIZATIONS, BYTES, CURSORS, JSON_VALUES, TEXTS } from './hostile-values.ts';

/** Makes one part of a request wrong or unusual. */
type Malformation = (draft: Draft, draw: Draw) => void;

const hostileField: Malformation = (draft, draw) => {
  const name = draw.one([...Object.keys(draft.fields), 'unknown']);
  draft.fields[name] = draw.one(draft.type === 'form' ? [...TEXTS, ...CURSORS] : JSON_VALUES);
};

/** Malformations by name, all equally likely. */
export const MALFORMATIONS: Record<string, Malformation> = {
  'hostile field': hostileField,
  'hostile fields': (draft, draw) => {
    for (const _ of Object.keys(draft.fields)) hostileField(draft, draw);
  },
  'missing field': (draft, draw) => {
    delete draft.fields[draw.one(Object.keys(draft.fields))];
  },
  'another body': (draft, draw) => {
    draft.body = draw.one(BODIES);
  },
  'cut body': (draft, draw) => {
    const body = renderBody(draft);
    draft.body = body.slice(0, draw.below(body.length));
  },
  'byte in the body': (draft, draw) => {
    const body = renderBody(draft);
    const at = draw.below(body.length + 1);
    draft.body = body.slice(0, at) + draw.one(BYTES) + body.slice(at);
  },
  'content type': (draft, draw) => setHeader(draft, 'content-type', draw.one(CONTENT_TYPES)),
  'no content type': (draft) => setHeader(draft, 'content-type'),
  'two content types': (draft, draw) =>
    setHeader(draft, 'content-type', 'application/json', draw.one(CONTENT_TYPES)),
  'hostile path': (draft, draw) => {
    draft.segments[draw.below(draft.segments.length)] = draw.one(TEXTS);
    draft.strays = true;
  },
  'longer path': (draft, draw) => {
    draft.segments.push(draw.one(TEXTS));
    draft.strays = true;
  },
  'byte in the path': (draft, draw) => {
    const at = draw.below(draft.segments.length);
    draft.segments[at] += draw.one(BYTES);
    draft.strays = true;
  },
  'hostile query': (draft, draw) => {
    const [name] = draw.one([...draft.query, ['unknown', '']] as Draft['query']);
    draft.query.push([name, draw.one(TEXTS)]);
  },
  'hostile query alone': (draft, draw) => {
    const name = draw.one([
      'limit',
      'cursor',
      'q',
      'category',
      'next',
      'full',
      'added',
      '__proto__',
      'limit[]',
      ...TEXTS,
    ]);
    draft.query = [[name, draw.one([...TEXTS, ...CURSORS])]];
  },
  'long query': (draft) => {
    draft.query = Array.from({ length: 1000 }, (_, i) => [`k${i}`, '1']);
  },
  'byte in the query': (draft, draw) => void draft.query.push(['q', draw.one(BYTES)]),
  authorization: (draft, draw) => setHeader(draft, 'authorization', draw.one(AUTHORIZATIONS)),
  'two authorizations': (draft, draw) => draft.headers.push(['authorization', draw.one(AUTHORIZATIONS)]),
  'idempotency key': (draft, draw) => setHeader(draft, 'idempotency-key', draw.one(KEYS)),
  'two idempotency keys': (draft, draw) => setHeader(draft, 'idempotency-key', 'a', draw.one(KEYS)),
  'entity tag': (draft, draw) => setHeader(draft, draw.one(['if-match', 'if-none-match']), draw.one(TAGS)),
  'odd header': (draft, draw) => void draft.headers.push(draw.one(HEADERS)),
  'many headers': (draft) => {
    for (let i = 0; i < 500; i++) draft.headers.push([`x-${i}`, 'a']);
  },
  'another method': (draft, draw) => {
    draft.method = draw.one(METHODS);
    draft.strays = true;
  },
  'another request line': (draft, draw) => {
    draft.requestLine = draw.one(REQUEST_LINES);
    draft.ends = true;
    draft.strays = true;
  },
  'old version': (draft) => {
    draft.version = 'HTTP/1.0';
  },
  'no host': (draft) => setHeader(draft, 'host'),
  'odd host': (draft, draw) =>
    setHeader(draft, 'host', draw.one(['', 'a b', '\xff', '[', 'a:b:c', 'a'.repeat(5000), 'a@b', '..'])),
  'two hosts': (draft) => setHeader(draft, 'host', 'a', 'b'),
  framing: (draft, draw) => {
    draft.framing = draw.one(FRAMINGS)(renderBody(draft).length);
    draft.ends = true;
  },
  chunks: (draft, draw) => {
    draft.framing = ['transfer-encoding: chunked'];
    draft.body = draw.one(CHUNKS);
    draft.ends = true;
  },
};
