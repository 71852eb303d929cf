import { InvalidArgumentError } from 'commander';

/**
 * Parses the value of an option, such as a port.
 *
 * @param range inclusive
 * @throws InvalidArgumentError, which commander prints with the name of the option
 */
export function parseWholeNumber(text: string, range: { from: number; to: number }): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= range.from && number <= range.to) return number;
  throw new InvalidArgumentError(`It is a whole number from ${range.from} to ${range.to}.`);
}
