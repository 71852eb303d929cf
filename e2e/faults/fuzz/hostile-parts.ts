import { bytesOf } from './draft.ts';
import { BYTES } from './hostile-values.ts';

const DEPTH = 10_000;

export const CONTENT_TYPES = [
  ...[
    '',
    'text/plain',
    'application/xml',
    'application/jsonx',
    'application/json;',
    'application/json; charset=utf-16',
  ],
  ...[
    'application/json, text/html',
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'application/octet-stream',
  ],
  ...[
    'application/x-www-form-urlencoded',
    'application/problem+json',
    '*/*',
    'json',
    ';',
    'application/json; a="',
    '\xff',
  ],
  `application/json; a=${'b'.repeat(5000)}`,
];

export const BODIES = [
  ...[
    '',
    ' ',
    'null',
    'true',
    '1',
    '""',
    '[]',
    '{}',
    '{',
    '}',
    '{"a"',
    '{"a":}',
    '{a:1}',
    "{'a':1}",
    '[{}',
    '{}{}',
    '{} x',
    '//',
  ],
  ...['{"__proto__":{"role":"admin"}}', '{"constructor":{"prototype":{"role":"admin"}}}', '{"a":1,"a":2}'],
  '\xef\xbb\xbf{}',
  Buffer.from('\ufeff{}', 'utf16le').toString('latin1'),
  '\xff\xfe\xfd',
  '{"name":"\xc3\x28"}',
  '\x00',
  '1e400',
  '9'.repeat(20_000),
  '['.repeat(DEPTH),
  `${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}`,
  `${'{"a":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}`,
  `{"items":${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}}`,
  `{${Array.from({ length: 5000 }, (_, i) => `"k${i}":1`).join(',')}}`,
  '__proto__=1&__proto__[role]=admin&a[b][c]=1&a=1&a=2&%=1&=&&&',
  `{"name":"${'a'.repeat(70_000)}"}`,
];

export const METHODS = [
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PUT',
  'PATCH',
  'DELETE',
  'POST',
  'PROPFIND',
  'QUERY',
  'get',
  'FOO',
  'G T',
  '',
];

export const REQUEST_LINES = [
  ...[
    'GET  / HTTP/1.1',
    'GET /',
    'GET',
    '',
    'GET / HTTP/0.9',
    'GET / HTTP/1.2',
    'GET / HTTP/2.0',
    'GET / HTTP/9.9',
    'PRI * HTTP/2.0',
  ],
  ...[
    'GET http://elsewhere.example/ HTTP/1.1',
    'OPTIONS * HTTP/1.1',
    'GET * HTTP/1.1',
    'CONNECT elsewhere.example:443 HTTP/1.1',
  ],
  ...[
    'GET // HTTP/1.1',
    'GET /../.. HTTP/1.1',
    'GET /\\..\\ HTTP/1.1',
    'GET /# HTTP/1.1',
    'GET /? HTTP/1.1',
    'GET ? HTTP/1.1',
  ],
  ...[
    '\x16\x03\x01\x00\xa5\x01\x00\x00',
    '\x00\x00\x00',
    `GET /${'a'.repeat(20_000)} HTTP/1.1`,
    `GET /${'a/'.repeat(3000)} HTTP/1.1`,
  ],
];

/** Framing errors. Each ends the client's side, or the server would wait for the announced bytes. */
export const FRAMINGS: ((length: number) => string[])[] = [
  (length) => [`content-length: ${length + 10}`],
  (length) => [`content-length: ${Math.max(0, length - 10)}`],
  (length) => [`content-length: ${length}`, `content-length: ${length}`],
  (length) => [`content-length: ${length}`, `content-length: ${length + 1}`],
  (length) => [`content-length: ${length}`, 'transfer-encoding: chunked'],
  (length) => [`content-length: +${length}`],
  (length) => [`content-length: ${length},${length}`],
  () => ['content-length: -1'],
  () => ['content-length: 99999999999999999999'],
  () => ['content-length: a'],
  () => ['content-length:'],
  () => ['transfer-encoding: chunked'],
  () => ['transfer-encoding: gzip, chunked'],
  () => ['transfer-encoding: identity'],
  () => ['transfer-encoding: \x0bchunked'],
  () => [],
];

export const CHUNKS = [
  '0\r\n\r\n',
  'z\r\n',
  '-1\r\n{}\r\n0\r\n\r\n',
  'ffffffffffffffff\r\n{}',
  '2\r\n{}0\r\n\r\n',
  '2;a=b\r\n{}\r\n0\r\na: b\r\n\r\n',
  '2\r\n',
];

export const HEADERS: [string, string][] = [
  ...BYTES.map((byte): [string, string] => ['x-odd', `a${byte}b`]),
  ...['', ' ', 'a b', 'a\x00', 'ä', '(a)', ':'].map((name): [string, string] => [name, 'a']),
  ...['100-continue', 'a miracle', ''].map((value): [string, string] => ['expect', value]),
  ...['', '-', '00-0-0-00', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`, '\xff'].map(
    (value): [string, string] => ['traceparent', value],
  ),
  ...['', ',,,', 'a=%', 'a=b;c', '\xff=\xff', `a=${'b'.repeat(9000)}`].map((value): [string, string] => [
    'baggage',
    value,
  ]),
  ...['', '\xff\xfe', '\x80', '"', bytesOf('Ж'), 'a,b', 'a'.repeat(5000)].map((value): [string, string] => [
    'end-user',
    value,
  ]),
  ...['*/*;q=0', 'text/html', 'application/json;q=0', ';', '\xff'].map((value): [string, string] => [
    'accept',
    value,
  ]),
  ...['identity;q=0, *;q=0', 'br, gzip', '\xff'].map((value): [string, string] => ['accept-encoding', value]),
  ...['gzip', 'identity', 'a'].map((value): [string, string] => ['content-encoding', value]),
  ...['websocket', 'h2c', 'TLS/1.0'].map((value): [string, string] => ['upgrade', value]),
  ...[
    '=',
    ';;;',
    'meshmart_basket=%',
    'meshmart_basket=%5B%7B%7D%5D',
    'meshmart_session=\xff',
    '__proto__=1',
    `a=${'b'.repeat(9000)}`,
  ].map((value): [string, string] => ['cookie', value]),
  ...['URI=', 'URI=spiffe://a/b,,;"', '"', `URI=spiffe://${'a'.repeat(5000)}`].map(
    (value): [string, string] => ['x-forwarded-client-cert', value],
  ),
  ...['a', '\xff', 'https, http'].map((value): [string, string] => ['x-forwarded-proto', value]),
  ...['a', 'null', 'http://[', '\xff'].map((value): [string, string] => ['origin', value]),
  ...['bytes=0-', 'bytes=5-1', 'bytes=-', 'lines=1'].map((value): [string, string] => ['range', value]),
  ...['a', '"', 'Thu, 01 Jan 1970 00:00:00 GMT'].map((value): [string, string] => [
    'if-modified-since',
    value,
  ]),
  ['x-long', 'a'.repeat(20_000)],
];

export const KEYS = [
  '',
  ' ',
  '"',
  '""',
  '"a',
  'a"',
  'a b',
  '\xff',
  bytesOf('é'),
  '\x00',
  'a'.repeat(256),
  `"${'a'.repeat(255)}"`,
  'a'.repeat(5000),
  'a,b',
  '?1',
  ':YQ==:',
];
export const TAGS = [
  '',
  '*',
  '1',
  '"',
  '""',
  'W/"1"',
  '"1", "2"',
  '"-1"',
  '"9999999999"',
  '"2147483648"',
  '"a"',
  '\xff',
  '"1',
];
