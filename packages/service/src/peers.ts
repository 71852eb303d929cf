import createClient, { type Client } from 'openapi-fetch';
import { Agent, type Dispatcher, Request, fetch as undiciFetch } from 'undici';
import type { ServiceConfig } from './config.ts';
import { callerSignal, DEADLINE_HEADER, remainingMs } from './deadline.ts';
import { commonProblem, PROBLEM_TYPE_PREFIX } from './problems.ts';

type PeerConfig = Pick<ServiceConfig, 'MESH_OUTBOUND_SOCKET'>;

/**
 * The default deadline of a peer call, including the retries of the mesh. It is shortened to the time that the caller
 * of the current request still waits.
 */
export const DEADLINE_MS = 3000;

export interface PeerFetch {
  (request: globalThis.Request, deadlineMs?: number): Promise<Response>;
  /** Closes idle connections, which would keep the process alive for some seconds. */
  close(): Promise<void>;
}

/**
 * Creates the `fetch` for calls to peers: through the sidecar if there is one, otherwise directly. The Host header is
 * the peer's name, by which the mesh routes. `@meshmart/telemetry` adds trace context and routing headers.
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
    // Read the body here, so that a response that breaks off fails like a missing one.
    const body = response.body === null ? null : await response.arrayBuffer();
    const { status, headers } = response;
    return new Response(body, { status, headers: headers as unknown as Headers });
  };
  return Object.assign(peerFetch, { close: () => dispatcher.close() });
}

/**
 * Creates a client for one peer, typed by the peer's OpenAPI document.
 *
 * @returns openapi-fetch's client; its calls throw `unavailable` (503) if the peer does not respond in time, or
 *   responds without JSON
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
      // A success that is not JSON (a captive portal, for example) did not come from the peer.
      if (
        response.ok &&
        response.status !== 204 &&
        !/\bjson\b/.test(response.headers.get('content-type') ?? '')
      ) {
        throw commonProblem('unavailable', { cause: new Error('the response is not JSON') });
      }
      return response;
    },
  });
}

/**
 * Returns the name of a peer's problem, such as `out-of-stock`. Branch on it, not on the status: a status can mean
 * several problems, or come from a proxy.
 *
 * @returns undefined if the response is not a problem of this store
 */
export function readProblemName({ error }: { error?: { type?: string } | undefined }): string | undefined {
  const type = error?.type;
  return type?.startsWith(PROBLEM_TYPE_PREFIX) ? type.slice(PROBLEM_TYPE_PREFIX.length) : undefined;
}

/**
 * Returns the body of a peer's successful response.
 *
 * @throws `unavailable` (503) for any other response, with status and body as its cause
 */
export function expectOk<T>({ data, error, response }: { data?: T; error?: unknown; response: Response }): T {
  if (response.ok) return data as T;
  const servedBy = response.headers.get('x-served-by') ?? 'a proxy';
  const cause = new Error(
    `${servedBy} responded with ${response.status}: ${JSON.stringify(error)?.slice(0, 500)}`,
  );
  throw commonProblem('unavailable', { cause });
}
