import { spawnSync } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { toolEnvironment } from '@meshmart/processes/environment';
import { config } from '@meshmart/toolchain/config';
import { supportedUntil, versions } from '@meshmart/toolchain/versions';
import { findLockfileFaults, findUnsupported, readLockfile } from '@meshmart/tooling/supply-chain';
import { Command } from 'commander';

const SBOM = 'reports/sbom.cdx.json';

/** Defines `supply-chain`, which checks the lockfile, and lets npm ask the registry and write the bill of materials. */
export default function supplyChainCommand(): Command {
  return new Command().action(() => {
    const faults = findLockfileFaults(readLockfile(join(config.root, 'package-lock.json')));
    console.log(faults.join('\n') || 'Lockfile: every hash, origin and licence is allowed');
    // Only a warning: a check must not fail because time has passed.
    const today = new Date().toISOString().slice(0, 10);
    for (const warning of findUnsupported(versions, supportedUntil, today))
      console.log(`Warning: ${warning}`);
    const sbom = join(config.root, SBOM);
    mkdirSync(dirname(sbom), { recursive: true });
    const succeeded = [
      faults.length === 0,
      runNpm(['audit', 'signatures']),
      runNpm(['audit', '--omit=dev']),
      runNpm(['sbom', '--sbom-format=cyclonedx', '--omit=dev', '--package-lock-only'], openSync(sbom, 'w')),
    ];
    console.log(`Bill of materials: ${SBOM}`);
    process.exitCode = succeeded.includes(false) ? 1 : 0;
  });
}

/** Runs npm and shows its output, or writes it to a file. @returns whether it succeeded */
function runNpm(args: string[], output: number | 'inherit' = 'inherit'): boolean {
  console.log(`npm ${args.join(' ')}`);
  const stdio = ['ignore', output, 'inherit'] as const;
  return spawnSync('npm', args, { cwd: config.root, env: toolEnvironment(), stdio: [...stdio] }).status === 0;
}
