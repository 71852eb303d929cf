import { defineProblems } from '@meshmart/service/problems';

export const problem = defineProblems({
  'wrong-credentials': { status: 401, title: 'Email and password do not belong together' },
  'email-taken': { status: 409, title: 'There is an account with this email' },
});
