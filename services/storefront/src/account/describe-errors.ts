import type { Notice } from '../html/notice.ts';

const PASSWORD = 'Choose a password of 8 to 200 characters.';
const WORDS: Record<string, string> = {
  name: 'Give a name of 1 to 100 characters on one line.',
  email: 'Give an email address, such as ada@example.com.',
  password: PASSWORD,
  newPassword: PASSWORD,
};

/** By the name of a field: what is wrong with it. */
export type FieldErrors = Record<string, string>;

/** Returns words for the fields that the user service has refused; its own are a validator's. */
export function describeErrors(refused: { pointer: string }[]): FieldErrors {
  const names = refused.map(({ pointer }) => pointer.split('/').at(-1) ?? '');
  return Object.fromEntries(names.map((name) => [name, WORDS[name] ?? 'This cannot be taken as it is.']));
}

export const NOT_RIGHT_YET: Notice = { tone: 'bad', title: 'That is not right yet' };
