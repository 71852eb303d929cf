import { UserError } from '@meshmart/terminal/user-error';

/**
 * Returns the entries whose names contain the text that the user gave: all of them for an empty text.
 *
 * @param noun what the entries are, for the message
 * @throws UserError with all names when none matches
 */
export function chooseByPart<T extends { name: string }>(all: T[], part: string, noun: string): T[] {
  const chosen = all.filter(({ name }) => name.includes(part));
  if (chosen.length > 0) return chosen;
  throw new UserError(`There is no ${noun} "${part}"; choose from ${all.map(({ name }) => name).join(', ')}`);
}
