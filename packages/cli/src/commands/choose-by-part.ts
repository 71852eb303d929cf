import { UserError } from '@meshmart/terminal/user-error';

/**
 * Those whose names contain what the user gave; all for an empty text.
 *
 * @param noun what they are, for the user
 * @throws UserError with the names that there are, when none fits
 */
export function chooseByPart<T extends { name: string }>(all: T[], part: string, noun: string): T[] {
  const chosen = all.filter(({ name }) => name.includes(part));
  if (chosen.length > 0) return chosen;
  throw new UserError(`There is no ${noun} "${part}"; there are: ${all.map(({ name }) => name).join(', ')}`);
}
