import { InvalidArgumentError } from 'commander';

/**
 * Reads an option's value, such as a port.
 *
 * @param range both ends belong to it
 * @throws what commander tells the user together with the option's name
 */
export function parseWholeNumber(text: string, range: { from: number; to: number }): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= range.from && number <= range.to) return number;
  throw new InvalidArgumentError(`It is a whole number from ${range.from} to ${range.to}.`);
}
