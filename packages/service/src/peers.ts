import createClient, { type Client } from 'openapi-fetch';
import { Agent, type Dispatcher, Request, fetch as undiciFetch } from 'undici';
import type { ServiceConfig } from './config.ts';
import { callerSignal, DEADLINE_HEADER, remainingMs } from './deadline.ts';
import { commonProblem, PROBLEM_TYPE_PREFIX } from './problems.ts';

type PeerConfig = Pick<ServiceConfig, 'MESH_OUTBOUND_SOCKET'>;

/**
 * The usual deadline of one peer call. Retries are the mesh's business, so it covers the proxy's retries too. It is shorter where
 * the caller of the request in progress waits less.
 */
export const DEADLINE_MS = 3000;

export interface PeerFetch {
  (request: globalThis.Request, deadlineMs?: number): Promise<Response>;
  /** Ends the idle connections, which would keep the process alive for some seconds. */
  close(): Promise<void>;
}

/**
 * The way out of a service: through its own sidecar when it has one, otherwise straight to the peer's address. Both keep the
 * peer's name as the Host, which the mesh routes by. Trace context and routing headers are added by `@meshmart/telemetry`.
 */
export function createPeerFetch({ MESH_OUTBOUND_SOCKET: socketPath }: PeerConfig): PeerFetch {
  const dispatcher: Dispatcher = new Agent(socketPath ? { connect: { socketPath } } : {});
  const peerFetch = async (input: globalThis.Request, deadlineMs = DEADLINE_MS): Promise<Response> => {
    const request = input as unknown as Request;
    const waitMs = Math.floor(Math.min(deadlineMs, remainingMs()));
    if (waitMs <= 0) throw new Error('the caller no longer waits');
    request.headers.set(DEADLINE_HEADER, String(waitMs));
    const signal = AbortSignal.any([AbortSignal.timeout(waitMs), callerSignal() ?? []].flat());
    const response = await undiciFetch(request, { dispatcher, signal });
    // Read to its end here, so that a peer that breaks off in the middle fails in the same place as one that does not answer.
    const body = response.body === null ? null : await response.arrayBuffer();
    const { status, headers } = response;
    return new Response(body, { status, headers: headers as unknown as Headers });
  };
  return Object.assign(peerFetch, { close: () => dispatcher.close() });
}

/**
 * A client for one peer, typed by the peer's OpenAPI document.
 *
 * @returns openapi-fetch's client; its calls throw `unavailable` (503) when the peer cannot be reached in time, or answers with no JSON
 */
export function createPeer<Paths extends object>(
  baseUrl: string,
  peerFetch: PeerFetch,
  deadlineMs?: number,
): Client<Paths> {
  return createClient<Paths>({
    baseUrl,
    Request: Request as unknown as typeof globalThis.Request,
    fetch: async (request) => {
      const response = await peerFetch(request, deadlineMs).catch((cause) => {
        throw commonProblem('unavailable', { cause });
      });
      // Whoever answers with something else, a login page of a network for one, is not the peer.
      if (
        response.ok &&
        response.status !== 204 &&
        !/\bjson\b/.test(response.headers.get('content-type') ?? '')
      ) {
        throw commonProblem('unavailable', { cause: new Error('an answer that is no JSON') });
      }
      return response;
    },
  });
}

/**
 * The name of the problem that a peer has answered with, such as `out-of-stock`: what to branch on, since the same status may
 * stand for several, and may be a proxy's own word.
 *
 * @returns undefined when the answer is no problem of a service of this store
 */
export function readProblemName({ error }: { error?: { type?: string } | undefined }): string | undefined {
  const type = error?.type;
  return type?.startsWith(PROBLEM_TYPE_PREFIX) ? type.slice(PROBLEM_TYPE_PREFIX.length) : undefined;
}

/**
 * The body of a peer's answer.
 *
 * @throws `unavailable` (503) when the peer answered with a problem that the caller did not expect; the log tells which
 */
export function expectOk<T>({ data, error, response }: { data?: T; error?: unknown; response: Response }): T {
  if (response.ok) return data as T;
  const servedBy = response.headers.get('x-served-by') ?? 'a proxy';
  const cause = new Error(`${servedBy} answered ${response.status}: ${JSON.stringify(error)?.slice(0, 500)}`);
  throw commonProblem('unavailable', { cause });
}
