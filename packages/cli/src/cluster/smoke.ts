import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { config } from '../config.ts';
import { throwIfInterrupted } from '../interruption.ts';
import type { ToolOptions } from '../setup/run-tool.ts';
import { UserError } from '../user-error.ts';
import { type ClusterAccess, runKubectl } from './access.ts';

const manifest = join(config.root, 'cluster/smoke.yaml');
const namespace = 'meshmart-smoke';
const host = 'smoke.meshmart.example';
const gatewayIdentity = 'spiffe://cluster.local/ns/meshmart/sa/gateway';

/**
 * A pod in a restricted namespace gets a sidecar and answers through the gateway by mutual TLS; then it is removed.
 *
 * @param port of the gateway on 127.0.0.1
 */
export async function checkMesh(
  access: ClusterAccess,
  port: number,
  options: ToolOptions & { signal: AbortSignal },
) {
  await applyWhenReady(access, options);
  await runKubectl(
    access,
    ['-n', namespace, 'rollout', 'status', 'deployment/echo', '--timeout=3m'],
    options,
  );
  const deadline = Date.now() + 60_000;
  for (let answer = await ask(port); !isThroughMesh(answer); answer = await ask(port)) {
    throwIfInterrupted(options.signal);
    if (Date.now() > deadline) {
      throw new UserError(`The gateway does not reach a workload of the mesh; its last answer: ${answer}`);
    }
    await sleep(200);
  }
  await runKubectl(access, ['delete', '-f', manifest, '--timeout=2m'], options);
}

/** Right after istiod is ready, its webhook can refuse for a moment, until the node's proxy knows the way to it. */
async function applyWhenReady(access: ClusterAccess, options: ToolOptions): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await runKubectl(access, ['apply', '-f', manifest], options);
      return;
    } catch (error) {
      if (attempt === 10) throw error;
      await sleep(500);
    }
  }
}

/** The callee's sidecar tells who has called: only with mutual TLS does it know. */
function isThroughMesh(answer: string): boolean {
  return answer.includes(`URI=${gatewayIdentity}`);
}

/** @returns the body or what went wrong, as a text */
function ask(port: number): Promise<string> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, headers: { host }, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.once('close', () => resolve(body || `status ${response.statusCode}`));
    });
    request.once('error', (error) => resolve(error.message));
  });
}
