import { connectControl, type PlatformStatus } from '@meshmart/local-platform/control/client';
import { type Faults, readFaults, setFaults } from '@meshmart/local-platform/faults';
import { layoutOf } from '@meshmart/local-platform/layout';
import { findRunningPlatform } from '@meshmart/local-platform/state-file';
import { UserError } from '@meshmart/terminal/user-error';
import { parseWholeNumber } from '@meshmart/terminal/whole-number';
import { Command, InvalidArgumentError, Option } from 'commander';
import { stateOption } from '../options.ts';

type Instance = PlatformStatus['instances'][number];

interface FaultOptions {
  errorRate?: number;
  delay?: number;
  delayRate?: number;
  dropAfterCommit?: number;
  clear?: boolean;
  well?: boolean;
  state: string;
}

/** The options that set a fault. */
const FAULT_OPTIONS = ['errorRate', 'delay', 'delayRate', 'dropAfterCommit'] as const;

/** Defines `fault`, which lists the faults of the running store's instances, or changes them. */
export default function faultCommand(): Command {
  return new Command()
    .argument('[name]', 'an instance, or a service for all of its instances')
    .option('--error-rate <share>', 'share of requests that do no work and return 503', parseShare)
    .option('--delay <ms>', 'delay of each request', parseDelay)
    .option('--delay-rate <share>', 'share of requests that --delay applies to (default: 1)', parseShare)
    .option(
      '--drop-after-commit <share>',
      'share of requests whose response is dropped after the work is committed',
      parseShare,
    )
    .addOption(new Option('--clear', 'clear all faults').conflicts([...FAULT_OPTIONS]))
    .addOption(
      new Option('--well')
        .hideHelp()
        .implies({ clear: true })
        .conflicts([...FAULT_OPTIONS]),
    )
    .addOption(stateOption('state folder of the running store'))
    .addHelpText(
      'after',
      '\nOmitted rates default to 0. Probes are not affected. A restart clears all faults.',
    )
    .action(fault);
}

async function fault(name: string | undefined, options: FaultOptions, command: Command): Promise<void> {
  const { errorRate, delay, delayRate, dropAfterCommit, state } = options;
  if (options.well) console.error('--well is now --clear');
  const isChange = [...FAULT_OPTIONS, 'clear' as const].some((option) => options[option] !== undefined);
  if (isChange && name === undefined) command.error('error: name an instance or a service');
  const instances = await findInstances(name, state);
  if (isChange) {
    const faults = { errorRate, delayMs: delay, delayRate, dropAfterCommitRate: dropAfterCommit };
    await Promise.all(instances.map((instance) => change(instance, faults as Partial<Faults>)));
  }
  const lines = instances.map(async (instance) => [instance.name, await formatFaults(instance)] as const);
  const width = Math.max(...instances.map((instance) => instance.name.length));
  for (const [instance, text] of await Promise.all(lines)) console.log(`${instance.padEnd(width)}  ${text}`);
}

async function findInstances(name: string | undefined, state: string): Promise<Instance[]> {
  const running = findRunningPlatform(layoutOf(state).stateFile);
  if (!running) throw new UserError('No store is running; start one: npm start');
  const { instances } = await connectControl(running.controlSocket).status();
  if (name === undefined) return instances;
  const found = instances.filter((instance) => [instance.name, instance.service].includes(name));
  if (found.length > 0) return found;
  const known = instances.map((instance) => instance.name).join(', ');
  throw new UserError(`There is no instance or service "${name}"; choose one of ${known}, or a service`);
}

async function change({ name, faultsSocket }: Instance, faults: Partial<Faults>): Promise<void> {
  await setFaults(faultsSocket, faults).catch((error) => {
    throw new UserError(
      isDown(error) ? `${name} is down; a restart clears its faults` : `${name}: ${error.message}`,
    );
  });
}

async function formatFaults({ faultsSocket }: Instance): Promise<string> {
  try {
    const { errorRate, delayMs, delayRate, dropAfterCommitRate } = await readFaults(faultsSocket);
    const shown = [
      errorRate > 0 && `${formatPercent(errorRate)} of requests fail`,
      dropAfterCommitRate > 0 && `${formatPercent(dropAfterCommitRate)} lose their response`,
      delayMs > 0 &&
        `${delayRate === 1 ? 'all are' : `${formatPercent(delayRate)} are`} delayed by ${delayMs} ms`,
    ].filter(Boolean);
    return shown.join(', ') || 'no faults';
  } catch (error) {
    if (isDown(error)) return 'down';
    throw error;
  }
}

function isDown(error: unknown): boolean {
  return ['ENOENT', 'ECONNREFUSED'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function formatPercent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

function parseShare(text: string): number {
  const share = text.trim() === '' ? Number.NaN : Number(text);
  if (share >= 0 && share <= 1) return share;
  throw new InvalidArgumentError('It is a share from 0 to 1, such as 0.3.');
}

function parseDelay(text: string): number {
  return parseWholeNumber(text, { from: 0, to: 60_000 });
}
