import { formatTable } from '@meshmart/terminal/table';
import { config } from '@meshmart/toolchain/config';
import { findStructureFaults, readArrows, readPackages } from '@meshmart/tooling/structure/structure';
import { Command } from 'commander';

/** Defines `structure`, which fails when a package imports another one that `arrows.yaml` does not allow. */
export default function structureCommand(): Command {
  return new Command().action(() => {
    const arrows = readArrows();
    const packages = readPackages(config.root);
    const all = packages.reduce((sum, { lines }) => sum + lines, 0);
    const order = Object.keys(arrows);
    const rows = packages
      .toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
      .map(({ folder, lines, imports }) => [
        folder,
        String(lines),
        `${((100 * lines) / all).toFixed(1)} %`,
        [...new Set(imports.map(({ from }) => from))].sort().join(', '),
      ]);
    console.log(formatTable(['package', 'lines', 'share', 'imports'], rows));
    const faults = findStructureFaults(packages, arrows);
    console.log(`\n${all} lines, ${faults.length} faults${faults.map((fault) => `\n  ${fault}`).join('')}`);
    process.exitCode = faults.length > 0 ? 1 : 0;
  });
}
