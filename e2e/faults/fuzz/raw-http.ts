import { connect } from 'node:net';

/** A response as it came over the wire. */
export interface RawAnswer {
  status: number;
  /** By name in lower case. Repeated headers are joined with a comma. */
  headers: Record<string, string>;
  body: string;
}

export interface Exchange {
  /** Path of a Unix socket, or a port of 127.0.0.1. */
  to: string | number;
  /** The bytes to send, which need not be HTTP. */
  bytes: Buffer;
  isHead: boolean;
  /** Ends the client's side after the bytes, where the server would otherwise wait for more. */
  ends: boolean;
}

/** Ends only what hangs. */
const answerTimeoutMs = 60_000;

/**
 * Sends bytes on a new connection.
 *
 * @returns the responses; none when the connection was closed without one
 * @throws when the server neither responds nor closes the connection in time
 */
export function exchange({ to, bytes, isHead, ends }: Exchange): Promise<RawAnswer[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(typeof to === 'number' ? { host: '127.0.0.1', port: to } : { path: to });
    const timer = setTimeout(() => finish(new Error(`no end within ${answerTimeoutMs} ms`)), answerTimeoutMs);
    let received = Buffer.alloc(0);
    const finish = (error?: Error) => {
      clearTimeout(timer);
      socket.destroy();
      if (error) reject(error);
      else resolve(parseAnswers(received, isHead).answers);
    };
    socket.on('data', (data) => {
      received = Buffer.concat([received, data]);
      // If the end of a request is ambiguous, a second response may follow.
      if (!ends && parseAnswers(received, isHead).isWhole) finish();
    });
    // A server may refuse a request before it has read all of it.
    socket.on('error', () => {});
    socket.on('close', () => finish());
    socket.on('connect', () => (ends ? socket.end(bytes) : socket.write(bytes)));
  });
}

/** Returns all final responses (not 1xx); `isWhole` when the last one is complete. */
function parseAnswers(received: Buffer, isHead: boolean): { answers: RawAnswer[]; isWhole: boolean } {
  const answers: RawAnswer[] = [];
  let rest = received.toString('latin1');
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) return { answers, isWhole: false };
    const [first = '', ...lines] = rest.slice(0, end).split('\r\n');
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1]);
    const headers = parseHeaders(lines);
    rest = rest.slice(end + 4);
    if (status < 200) continue;
    const { body, length } = isHead ? { body: '', length: 0 } : parseBody(status, headers, rest);
    answers.push({ status, headers, body: Buffer.from(body, 'latin1').toString() });
    if (length > rest.length) return { answers, isWhole: false };
    rest = rest.slice(length);
  }
  return { answers, isWhole: answers.length > 0 };
}

function parseHeaders(lines: string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
    const known = headers[name.toLowerCase()];
    headers[name.toLowerCase()] = known === undefined ? value : `${known}, ${value}`;
  }
  return headers;
}

function parseBody(status: number, headers: Record<string, string>, rest: string) {
  if (status === 204 || status === 304) return { body: '', length: 0 };
  if (headers['transfer-encoding'] === 'chunked') return parseChunks(rest);
  const length = Number(headers['content-length'] ?? Number.POSITIVE_INFINITY);
  return { body: rest.slice(0, length), length };
}

function parseChunks(rest: string) {
  let body = '';
  let at = 0;
  for (;;) {
    const [line, size] = /^([0-9a-f]+)\r\n/i.exec(rest.slice(at, at + 20)) ?? [];
    if (!line) return { body, length: Number.POSITIVE_INFINITY };
    const from = at + line.length;
    at = from + Number.parseInt(size as string, 16) + 2;
    if (size === '0') return { body, length: at };
    body += rest.slice(from, at - 2);
  }
}
