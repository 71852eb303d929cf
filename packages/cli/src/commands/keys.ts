import { existsSync } from 'node:fs';
import { layoutOf } from '@meshmart/local-platform/layout';
import { signingKeysFileIn } from '@meshmart/local-platform/secrets';
import { UserError } from '@meshmart/terminal/user-error';
import {
  endsAt,
  findSigning,
  readKeysFile,
  rotateKeys,
  type SigningKey,
  signsAt,
  writeKeysFile,
} from '@meshmart/user/keys-file';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { stateOption } from '../options.ts';

/** Longer than any verifier caches the keys: istiod for 20 minutes, the services for one. */
const DEFAULT_OVERLAP_MS = 25 * 60_000;
const UNITS_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000 };

/**
 * Defines `keys`, which lists or rotates the keys of a store, running or not. A running store reads the file
 * again.
 */
export default function keysCommand(): Command {
  return new Command()
    .addArgument(new Argument('[action]', 'what to do').choices(['list', 'rotate']).default('list'))
    .addOption(
      new Option(
        '--overlap <time>',
        'time for verifiers to fetch the new key before it signs, such as 25m, 90s or 1h',
      )
        .argParser(parseTime)
        .default(DEFAULT_OVERLAP_MS, '25m'),
    )
    .addOption(stateOption('state folder of the store'))
    .addHelpText('after', '\nOld keys stay published until the last token they signed has expired.')
    .action((action, { overlap, state }) => {
      const file = findFile(state);
      if (action === 'rotate') writeKeysFile(file, rotateKeys(readKeysFile(file), Date.now(), overlap));
      list(file);
    });
}

function findFile(state: string): string {
  const file = signingKeysFileIn(layoutOf(state).secrets);
  if (existsSync(file)) return file;
  throw new UserError('There are no keys yet; the first start creates them: npm start');
}

function list(file: string): void {
  const keys = readKeysFile(file);
  const now = Date.now();
  const signing = findSigning(keys, now);
  for (const key of keys) console.log(`${key.kid}  ${formatKey(key, key === signing, now)}`);
}

function formatKey(key: SigningKey, isSigning: boolean, now: number): string {
  const { signsFrom, publishedUntil } = key;
  const until = publishedUntil ? `, published until ${publishedUntil}` : '';
  if (endsAt(key) <= now) return `expired ${publishedUntil}`;
  if (isSigning) return `signs${until}`;
  return signsAt(key) > now ? `published, signs from ${signsFrom}${until}` : `no longer signs${until}`;
}

function parseTime(text: string): number {
  const [, number, unit = ''] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  if (number !== undefined) return Number(number) * (UNITS_MS[unit] as number);
  throw new InvalidArgumentError('It is a time such as 25m, 90s or 1h.');
}
