import { DEFAULT_STATE_DIRECTORY } from '@meshmart/local-platform/layout';
import { parseWholeNumber } from '@meshmart/terminal/whole-number';
import { Option } from 'commander';

/** Defines `--state <folder>`. @param description which platform's folder */
export function stateOption(description: string): Option {
  return new Option('--state <folder>', description).default(DEFAULT_STATE_DIRECTORY, '.meshmart');
}

/** Parses a TCP port. @throws InvalidArgumentError for anything other than 1 to 65,535 */
export function parsePort(text: string): number {
  return parseWholeNumber(text, { from: 1, to: 65_535 });
}

/**
 * Parses how long a load lasts, in seconds.
 *
 * @throws InvalidArgumentError for anything other than 1 to 86,400
 */
export function parseSeconds(text: string): number {
  return parseWholeNumber(text, { from: 1, to: 86_400 });
}
