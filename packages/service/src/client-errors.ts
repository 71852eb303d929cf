import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { commonProblem } from './problems.ts';

const NAMES: Record<string, 'request-timeout' | 'headers-too-large'> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
  HPE_HEADER_OVERFLOW: 'headers-too-large',
};

/**
 * Answers what never became a request: what came too slowly, what has too large headers, what is no HTTP. It then closes the
 * connection.
 */
export function respondToClientErrors(commonHeaders: Record<string, string>) {
  return (error: Error & { code: string }, socket: Socket): void => {
    // Proxies open connections that they may only use later, and Node counts the time until then. Whoever closes one may
    // meet the first request on its way.
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.bytesRead === 0) return;
    if (!socket.writable) return void socket.destroy();
    const { type, title, status } = commonProblem(NAMES[error.code] ?? 'invalid-request');
    const body = JSON.stringify({ type, title, status });
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'content-type: application/problem+json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      ...Object.entries(commonHeaders).map((header) => header.join(': ')),
      'connection: close',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
    socket.destroySoon();
  };
}
