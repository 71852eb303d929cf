import { existsSync } from 'node:fs';
import { DEFAULT_OVERLAP_MS, rotateKeysFile } from '@meshmart/local-platform/key-rotation';
import { layoutOf } from '@meshmart/local-platform/layout';
import { defaultStateDirectory } from '@meshmart/local-platform/platform';
import { signingKeysFileIn } from '@meshmart/local-platform/secrets';
import { UserError } from '@meshmart/terminal/user-error';
import { endsAt, findSigning, readKeysFile, type SigningKey, signsAt } from '@meshmart/user/keys-file';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';

/** `npm run keys`: the keys that sign the users' tokens, of a running store or of one that stands still. */
export function keysCommand(): Command {
  return new Command()
    .description('List the keys that sign access tokens; with "rotate", publish a new one first.')
    .addArgument(new Argument('[action]').choices(['list', 'rotate']).default('list'))
    .addOption(
      new Option(
        '--overlap <time>',
        'how long verifiers get to fetch the new key before it signs: 25m, 90s, 1h',
      )
        .argParser(parseTime)
        .default(DEFAULT_OVERLAP_MS, '25m'),
    )
    .option('--state <folder>', 'of the store', defaultStateDirectory)
    .addHelpText('after', '\nOld keys stay published until the last token that they have signed is over.')
    .action((action, { overlap, state }) => {
      const file = findFile(state);
      if (action === 'rotate') rotateKeysFile(file, overlap);
      list(file);
    });
}

function findFile(state: string): string {
  const file = signingKeysFileIn(layoutOf(state).secrets);
  if (existsSync(file)) return file;
  throw new UserError('There are no keys yet; the first start makes them: npm start');
}

function list(file: string): void {
  const keys = readKeysFile(file);
  const now = Date.now();
  const signing = findSigning(keys, now);
  for (const key of keys) console.log(`${key.kid}  ${describe(key, key === signing, now)}`);
}

function describe(key: SigningKey, isSigning: boolean, now: number): string {
  const { signsFrom, publishedUntil } = key;
  const until = publishedUntil ? `, published until ${publishedUntil}` : '';
  if (endsAt(key) <= now) return `over since ${publishedUntil}`;
  if (isSigning) return `signs${until}`;
  return signsAt(key) > now ? `published, signs from ${signsFrom}${until}` : `signs no more${until}`;
}

const UNITS_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000 };

function parseTime(text: string): number {
  const [, number, unit = ''] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  if (number !== undefined) return Number(number) * (UNITS_MS[unit] as number);
  throw new InvalidArgumentError('It is a time such as 25m, 90s or 1h.');
}
