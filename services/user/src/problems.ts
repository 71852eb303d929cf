import { defineProblems } from '@meshmart/service/problems';

export const problem = defineProblems({
  'wrong-credentials': { status: 401, title: 'Email and password do not belong together' },
  'session-ended': { status: 401, title: 'There is no session with this refresh token, or not any more' },
  'wrong-password': { status: 403, title: 'The password is not the one of this account' },
  'email-taken': { status: 409, title: 'There is an account with this email' },
  'too-many-addresses': { status: 409, title: 'This account has as many addresses as one may have' },
  'too-many-attempts': { status: 429, title: 'Too many attempts from this address; try again later' },
  'too-busy': { status: 429, title: 'Too many passwords are being checked at once; try again soon' },
});
