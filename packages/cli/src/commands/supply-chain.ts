import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runTool } from '@meshmart/processes/run-tool';
import { config } from '@meshmart/toolchain/config';
import { findLockfileFaults, listInstalled, readLockfile } from '@meshmart/tooling/supply-chain/lockfile';
import { countLicences, findLicenceFaults, listByService } from '@meshmart/tooling/supply-chain/policy';
import {
  checkAdvisories,
  checkSignatures,
  type Verdict,
} from '@meshmart/tooling/supply-chain/registry-checks';
import { Command } from 'commander';

const defaultSbomFile = join(config.root, 'reports/sbom.cdx.json');

/** `npm run supply-chain`: what the store takes from others, checked as far as the network allows. */
export function supplyChainCommand(): Command {
  return new Command()
    .description(
      'Check the lockfile, licences, number, signatures and known weaknesses of what is installed.',
    )
    .option('--sbom <file>', 'where the bill of materials goes (CycloneDX)', defaultSbomFile)
    .action(checkSupplyChain);
}

async function checkSupplyChain({ sbom }: { sbom: string }): Promise<void> {
  const lockfile = readLockfile(join(config.root, 'package-lock.json'));
  const byService = listByService(lockfile);
  const all = byService.get('all services') ?? [];
  const counts = new Map([...byService].map(([name, { length }]) => [name, length]));
  const isGood = [
    tell('Lockfile', judge(findLockfileFaults(lockfile), describeLockfile(listInstalled(lockfile).length))),
    tell('Licences', judge(findLicenceFaults(lockfile, all), list(countLicences(lockfile, all)))),
    tell('Production', { state: 'ok', text: list(counts) }),
    tell('Signatures', await checkSignatures()),
    tell('Advisories', await checkAdvisories()),
  ];
  await writeSbom(sbom);
  console.log(`  SBOM        ${sbom}`);
  process.exitCode = isGood.includes(false) ? 1 : 0;
}

function describeLockfile(count: number): string {
  return `${count} packages, each with its SHA-512 hash, all from the registry`;
}

function list(counts: Map<string, number>): string {
  return [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
}

function judge(faults: string[], good: string): Verdict {
  return faults.length > 0 ? { state: 'bad', text: faults.join('\n    ') } : { state: 'ok', text: good };
}

/** @returns whether it is not bad */
function tell(what: string, { state, text }: Verdict): boolean {
  const mark = { ok: '✔', bad: '✖', unknown: '?' }[state];
  console.log(`${mark} ${what.padEnd(11)} ${state === 'unknown' ? `NOT CHECKED here: ${text}` : text}`);
  return state !== 'bad';
}

/** Everything that an installation without development's tools brings, as npm knows it from the lockfile. */
async function writeSbom(file: string): Promise<void> {
  const args = ['sbom', '--sbom-format=cyclonedx', '--omit=dev', '--package-lock-only'];
  const document = await runTool('npm', args, { cwd: config.root });
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, document);
}
