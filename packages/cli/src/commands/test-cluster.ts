import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Command } from 'commander';
import { assertCanBeNode } from '../cluster/native/preconditions.ts';
import { config, toolEnvironment } from '../config.ts';

/** `npm run test:cluster`: the proofs on a real cluster, which need root and, the first time, build Kubernetes and Istio. */
export function testClusterCommand(): Command {
  return new Command()
    .description('The proofs of "npm run cluster": as root, on Linux, with clusters of their own.')
    .action(async () => {
      await assertCanBeNode();
      const vitest = spawn(
        process.execPath,
        [join(config.root, 'node_modules/vitest/vitest.mjs'), 'run', '--config', 'vitest.cluster.config.ts'],
        { cwd: join(config.root, 'packages/cli'), env: toolEnvironment(), stdio: 'inherit' },
      );
      const forward = (signal: NodeJS.Signals) => vitest.kill(signal);
      process.on('SIGINT', forward).on('SIGTERM', forward).on('SIGHUP', forward);
      const [code] = await once(vitest, 'exit');
      process.exitCode = code ?? 1;
    });
}
