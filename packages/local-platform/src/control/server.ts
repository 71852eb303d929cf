import { chmodSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { MeshConfigError } from '@meshmart/local-mesh/problems';
import { RejectedUpdateError } from '@meshmart/local-mesh/publish';
import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import type { Applied } from '../live-mesh.ts';
import { OverlayHeldError } from './overlay-holder.ts';

const OverlayRequest = Type.Object({
  pid: Type.Integer({ minimum: 1 }),
  experiment: Type.String(),
  files: Type.Array(Type.String()),
});
export type OverlayRequest = Static<typeof OverlayRequest>;
const CertificatesRequest = Type.Object({
  pid: Type.Integer({ minimum: 1 }),
  lifetimeS: Type.Number({ minimum: 1 }),
});
export type CertificatesRequest = Static<typeof CertificatesRequest>;
const ReleaseRequest = Type.Object({ pid: Type.Integer({ minimum: 1 }) });

/** Handlers of `GET /status`, `GET /databases`, `PUT /overlay`, `PUT /certificates` and `DELETE /overlay`, all in JSON. */
interface ControlHandlers {
  status(): object;
  /** Returns the URL of each service's database, with its password. */
  databases(): object;
  /** Resolves when the files are live in every proxy. */
  putOverlay(request: OverlayRequest): Promise<Applied>;
  /** Gives all proxies certificates with this lifetime, until the overlay is removed. */
  putCertificates(request: CertificatesRequest): Promise<void>;
  /** Resolves when every proxy has the standing mesh again. */
  deleteOverlay(pid: number): Promise<Applied>;
}

/**
 * Listens on a Unix socket that only its owner can reach. A refusal has a `message` that is ready to print:
 * 400, 404, 409 (another process holds the overlay) or 422 (wrong files).
 */
export async function serveControl(socketPath: string, handlers: ControlHandlers): Promise<Server> {
  const server = createServer(async (request, response) => {
    const [status, body] = await respond(request, handlers).catch(toRefusal);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  chmodSync(socketPath, 0o600);
  return server;
}

async function respond(request: IncomingMessage, handlers: ControlHandlers): Promise<[number, object]> {
  switch (`${request.method} ${request.url}`) {
    case 'GET /status':
      return [200, handlers.status()];
    case 'GET /databases':
      return [200, handlers.databases()];
    case 'PUT /overlay': {
      const body = await readBody(request);
      if (!Value.Check(OverlayRequest, body))
        return [400, { message: 'expected { pid, experiment, files }' }];
      return [200, await handlers.putOverlay(body)];
    }
    case 'PUT /certificates': {
      const body = await readBody(request);
      if (!Value.Check(CertificatesRequest, body)) return [400, { message: 'expected { pid, lifetimeS }' }];
      await handlers.putCertificates(body);
      return [200, {}];
    }
    case 'DELETE /overlay': {
      const body = await readBody(request);
      if (!Value.Check(ReleaseRequest, body)) return [400, { message: 'expected { pid }' }];
      return [200, await handlers.deleteOverlay(body.pid)];
    }
    default:
      return [404, { message: `there is no ${request.method} ${request.url}` }];
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toRefusal(error: Error): [number, object] {
  const { message } = error;
  if (error instanceof OverlayHeldError) return [409, { message }];
  if (error instanceof MeshConfigError || error instanceof RejectedUpdateError) return [422, { message }];
  if ('code' in error && error.code === 'ENOENT') return [422, { message }];
  return [500, { message }];
}
