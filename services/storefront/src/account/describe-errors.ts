import type { Notice } from '../html/notice.ts';

const PASSWORD = 'Choose a password of 8 to 200 characters.';
const WORDS: Record<string, string> = {
  name: 'Enter a name of 1 to 100 characters on one line.',
  email: 'Enter an email address, such as ada@example.com.',
  password: PASSWORD,
  newPassword: PASSWORD,
};

/** Error messages by field name. */
export type FieldErrors = Record<string, string>;

/** Returns messages for the fields that the user service has refused. They replace those of its validator. */
export function describeErrors(refused: { pointer: string }[]): FieldErrors {
  const names = refused.map(({ pointer }) => pointer.split('/').at(-1) ?? '');
  return Object.fromEntries(names.map((name) => [name, WORDS[name] ?? 'This value is not valid.']));
}

export const INVALID_FORM: Notice = { tone: 'bad', title: 'Please check your entries' };
