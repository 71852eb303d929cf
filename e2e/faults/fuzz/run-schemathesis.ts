import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { plainEnvironment, runToEnd } from '@meshmart/test-support/run-entry';
import { config } from '@meshmart/toolchain/config';
import { ensureSchemathesis } from '@meshmart/toolchain/schemathesis';
import { seed } from '../scale.ts';
import { INTERNALS } from './check-response.ts';
import { forwardTo } from './forward.ts';

const here = fileURLToPath(new URL('.', import.meta.url));

interface SchemathesisRun {
  service: string;
  /** Path of the service's Unix socket. */
  socket: string;
  token: string | undefined;
  /** Maximum number of generated requests for each route and phase. */
  examples: number;
}

interface SchemathesisReport {
  /** Number of generated requests. */
  requests: number;
  /** Empty when it found nothing. */
  failure: string;
}

/** Runs schemathesis on a service and its OpenAPI document. */
export async function runSchemathesis(run: SchemathesisRun): Promise<SchemathesisReport> {
  const { service, socket, token, examples } = run;
  const { python, pythonPath } = await ensureSchemathesis();
  const { port, close } = await forwardTo(socket);
  const document = join(config.root, 'services', service, 'openapi.json');
  const args = [
    ...['-m', 'schemathesis.cli', '--config-file', join(here, 'schemathesis.toml'), 'run', document],
    ...['--url', `http://127.0.0.1:${port}`, '--seed', String(seed), '--max-examples', String(examples)],
    ...['--phases', 'coverage,fuzzing,stateful', '--no-color'],
    ...(token ? ['--header', `Authorization: Bearer ${token}`] : []),
  ];
  const env = {
    PYTHONPATH: `${pythonPath}:${here}`,
    SCHEMATHESIS_HOOKS: 'no_internals',
    FUZZ_INTERNALS: INTERNALS.source,
    PYTHONDONTWRITEBYTECODE: '1',
  };
  const { code, output } = await runToEnd(python, args, { ...plainEnvironment, ...env });
  close();
  const requests = Number(/^ +(\d+) generated/m.exec(output)?.[1] ?? 0);
  const found = output.slice(Math.max(0, output.search(/^=+ (ERRORS|FAILURES) =+$/m)));
  const hint = `In place of -X METHOD http://127.0.0.1:${port}/…: --unix-socket <run folder>/${service}-v1-1.app http://${service}/…`;
  return { requests, failure: code === 0 ? '' : `${service}, exit code ${code}\n${hint}\n${found}` };
}
