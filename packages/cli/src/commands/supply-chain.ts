import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runTool } from '@meshmart/processes/run-tool';
import { config } from '@meshmart/toolchain/config';
import { supportedUntil, versions } from '@meshmart/toolchain/versions';
import { findLockfileFaults, listInstalled, readLockfile } from '@meshmart/tooling/supply-chain/lockfile';
import {
  countLicences,
  findLicenceFaults,
  findUnsupported,
  listByService,
} from '@meshmart/tooling/supply-chain/policy';
import {
  checkAdvisories,
  checkSignatures,
  type Verdict,
} from '@meshmart/tooling/supply-chain/registry-checks';
import { Command, Option } from 'commander';

const DEFAULT_SBOM = 'reports/sbom.cdx.json';

/** Defines `supply-chain`, which checks the dependencies as far as the network allows. */
export default function supplyChainCommand(): Command {
  return new Command()
    .addOption(
      new Option('--sbom <file>', 'file for the bill of materials (CycloneDX)').default(
        join(config.root, DEFAULT_SBOM),
        DEFAULT_SBOM,
      ),
    )
    .action(checkSupplyChain);
}

async function checkSupplyChain({ sbom }: { sbom: string }): Promise<void> {
  const lockfile = readLockfile(join(config.root, 'package-lock.json'));
  const byService = listByService(lockfile);
  const all = byService.get('all services') ?? [];
  const counts = new Map([...byService].map(([name, { length }]) => [name, length]));
  const isGood = [
    printVerdict(
      'Lockfile',
      toVerdict(findLockfileFaults(lockfile), formatLockfile(listInstalled(lockfile).length)),
    ),
    printVerdict(
      'Licences',
      toVerdict(findLicenceFaults(lockfile, all), formatCounts(countLicences(lockfile, all))),
    ),
    printVerdict('Support', checkSupport()),
    printVerdict('Production', { state: 'ok', text: formatCounts(counts) }),
    printVerdict('Signatures', await checkSignatures()),
    printVerdict('Advisories', await checkAdvisories()),
  ];
  await writeSbom(sbom);
  console.log(`  SBOM        ${sbom}`);
  process.exitCode = isGood.includes(false) ? 1 : 0;
}

/** Warns of what is past its end of life. A check must not fail because time has passed. */
function checkSupport(): Verdict {
  const past = findUnsupported(versions, supportedUntil, new Date().toISOString().slice(0, 10));
  if (past.length > 0) return { state: 'warning', text: past.join('\n    ') };
  return { state: 'ok', text: 'all tools with a published end of life are before it' };
}

function formatLockfile(count: number): string {
  return `${count} packages, each with its SHA-512 hash, all from the registry`;
}

function formatCounts(counts: Map<string, number>): string {
  return [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
}

function toVerdict(faults: string[], good: string): Verdict {
  return faults.length > 0 ? { state: 'bad', text: faults.join('\n    ') } : { state: 'ok', text: good };
}

/** Prints the verdict of one check. @returns false when it is bad */
function printVerdict(check: string, { state, text }: Verdict): boolean {
  const mark = { ok: '✔', warning: '!', bad: '✖', unknown: '?' }[state];
  console.log(`${mark} ${check.padEnd(11)} ${state === 'unknown' ? `NOT CHECKED here: ${text}` : text}`);
  return state !== 'bad';
}

/** Writes the packages that a production installation contains, from the lockfile. */
async function writeSbom(file: string): Promise<void> {
  const args = ['sbom', '--sbom-format=cyclonedx', '--omit=dev', '--package-lock-only'];
  const document = await runTool('npm', args, { cwd: config.root });
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, document);
}
