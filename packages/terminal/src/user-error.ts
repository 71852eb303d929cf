/** Something that the user can put right. The message says what and how, and is shown without a stack. */
export class UserError extends Error {
  override readonly name = 'UserError';
}
