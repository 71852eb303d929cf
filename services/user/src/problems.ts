import { defineProblems } from '@meshmart/service/problems';

export const problem = defineProblems({
  'wrong-credentials': { status: 401, title: 'Wrong email or password' },
  'session-ended': { status: 401, title: 'The refresh token is unknown, or its session has ended' },
  'wrong-password': { status: 403, title: 'Wrong password' },
  'email-taken': { status: 409, title: 'There is already an account with this email' },
  'too-many-addresses': { status: 409, title: 'The account has the maximum number of addresses' },
  'too-many-attempts': { status: 429, title: 'Too many attempts from this address; try again later' },
  'too-busy': { status: 429, title: 'Too many passwords are being checked at once; try again soon' },
});
