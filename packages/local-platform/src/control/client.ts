import { Agent, request } from 'undici';

/** What the running platform says about itself. */
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

/** The running platform's control socket. */
export interface Control {
  status(): Promise<PlatformStatus>;
  /** The URL of each service's database, by service; it holds the password of that service's role. */
  databases(): Promise<Record<string, string>>;
  /** Puts these files on top of the standing mesh; resolves when every proxy has them, with what the mesh warns about. */
  apply(experiment: string, files: string[]): Promise<string[]>;
  /** Takes the files away; resolves when the standing state is back in every proxy. */
  restore(): Promise<void>;
}

/**
 * Speaks with the supervisor over its Unix socket. What it refuses (another experiment runs, a manifest is wrong)
 * rejects with its own message, ready to print.
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

/** One HTTP request over a Unix socket; any status but 2xx rejects with the answer's `message`, or what its problem is. */
export async function requestOverSocket(
  socketPath: string,
  path: string,
  init: SocketRequest = {},
): Promise<string> {
  const dispatcher = new Agent({ connect: { socketPath } });
  try {
    const response = await request(`http://localhost${path}`, { ...init, dispatcher });
    const text = await response.body.text();
    if (response.statusCode >= 300) throw new Error(refusal(text, `${path} answered ${response.statusCode}`));
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
