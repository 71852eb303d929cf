import { formatTable } from '@meshmart/terminal/table';
import { config } from '@meshmart/toolchain/config';
import {
  findBiggest,
  findFaults,
  listImported,
  readArrows,
  readPackages,
} from '@meshmart/tooling/structure/structure';
import { Command } from 'commander';

/** Defines `structure`, which prints the size and the imports of each package, and fails on a fault. */
export default function structureCommand(): Command {
  return new Command().action(() => {
    const arrows = readArrows();
    const packages = readPackages(config.root);
    const order = Object.keys(arrows);
    const rows = packages
      .toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
      .map((one) => [one.folder, String(one.lines), String(one.testLines), listImported(one).join(', ')]);
    console.log(formatTable(['package', 'lines', 'tests', 'imports'], rows));

    const { name, share } = findBiggest(packages);
    const sum = (key: 'lines' | 'testLines') => packages.reduce((total, one) => total + one[key], 0);
    const faults = findFaults(packages, arrows);
    const figures = [
      ['source lines', String(sum('lines'))],
      ['test lines', String(sum('testLines'))],
      ['lines of packages/cli', String(packages.find((one) => one.name === 'cli')?.lines)],
      ['biggest package', `${name}, ${(100 * share).toFixed(1)} %`],
      ...Object.entries(faults).map(([rule, found]) => [rule, String(found.length)]),
    ];
    console.log(`\n${formatTable(['figure', 'value'], figures)}`);
    const all = Object.values(faults).flat();
    for (const fault of all) console.log(fault);
    process.exitCode = all.length > 0 ? 1 : 0;
  });
}
