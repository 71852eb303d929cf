import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { commonProblem } from './problems.ts';

const NAMES: Record<string, 'request-timeout' | 'headers-too-large'> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
  HPE_HEADER_OVERFLOW: 'headers-too-large',
};

/**
 * Returns Node's handler for connections without a valid request: too slow, headers too large, or no HTTP. It responds
 * with a problem and closes the connection.
 */
export function respondToClientErrors(commonHeaders: Record<string, string>) {
  return (error: Error & { code: string }, socket: Socket): void => {
    // A proxy opens connections ahead of time. Closing an unused one could hit its first request.
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
