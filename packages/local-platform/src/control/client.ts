import { Agent, request } from 'undici';

/** The response to `GET /status`. */
export interface PlatformStatus {
  gatewayUrl: string;
  instances: {
    name: string;
    service: string;
    version: string;
    state: 'ready' | 'starting' | 'failed';
    inboundPort: number;
    appSocket: string;
    /** For `setFaults`. */
    faultsSocket: string;
    adminSocket: string;
  }[];
  gateway: { adminSocket: string };
}

/**
 * A client of the running platform's control socket. Its calls reject with messages that are ready to print.
 */
export interface Control {
  status(): Promise<PlatformStatus>;
  /**
   * Returns the URL of each service's database, by service. A URL contains the password of the service's
   * role.
   */
  databases(): Promise<Record<string, string>>;
  /** Lays these files over the standing mesh. Resolves with the mesh's warnings when every proxy has them. */
  apply(experiment: string, files: string[]): Promise<string[]>;
  /** Gives all proxies certificates with this lifetime, which are renewed after half of it, until `restore`. */
  setCertificateLifetime(lifetimeS: number): Promise<void>;
  /** Removes the overlay. Resolves when every proxy has the standing mesh again. */
  restore(): Promise<void>;
}

/**
 * Creates a client for the control socket of the running platform. A refusal (another experiment runs, a
 * manifest is wrong) rejects with the platform's own message.
 */
export function connectControl(socketPath: string): Control {
  const pid = process.pid;
  return {
    status: async () => (await exchange(socketPath, 'GET', '/status')) as PlatformStatus,
    databases: async () => (await exchange(socketPath, 'GET', '/databases')) as Record<string, string>,
    apply: async (experiment, files) => {
      const applied = await exchange(socketPath, 'PUT', '/overlay', { pid, experiment, files });
      return (applied as { warnings: string[] }).warnings;
    },
    setCertificateLifetime: async (lifetimeS) => {
      await exchange(socketPath, 'PUT', '/certificates', { pid, lifetimeS });
    },
    restore: async () => {
      await exchange(socketPath, 'DELETE', '/overlay', { pid });
    },
  };
}

async function exchange(socketPath: string, method: string, path: string, body?: object): Promise<unknown> {
  const text = await requestOverSocket(socketPath, path, {
    method,
    ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
  }).catch((error) => {
    if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') throw new Error('the platform has stopped');
    throw error;
  });
  return JSON.parse(text);
}

type SocketRequest = { method?: string; body?: string; headers?: Record<string, string> };

/**
 * Sends one HTTP request over a Unix socket, and returns the body of the response.
 *
 * @throws an Error with the response's `message`, or its problem's detail, for any status but 2xx
 */
export async function requestOverSocket(
  socketPath: string,
  path: string,
  init: SocketRequest = {},
): Promise<string> {
  const dispatcher = new Agent({ connect: { socketPath } });
  try {
    const response = await request(`http://localhost${path}`, { ...init, dispatcher });
    const text = await response.body.text();
    if (response.statusCode >= 300) throw new Error(refusal(text, `${path} returned ${response.statusCode}`));
    return text || '{}';
  } finally {
    await dispatcher.close();
  }
}

function refusal(text: string, otherwise: string): string {
  try {
    const { message, errors = [], detail = message } = JSON.parse(text);
    return errors[0] ? `${errors[0].pointer} ${errors[0].detail}` : (detail ?? otherwise);
  } catch {
    return otherwise;
  }
}
