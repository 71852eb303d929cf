import { defineProblems } from '@meshmart/service/problems';

export const problem = defineProblems({
  'too-many-requests': { status: 429, title: 'Too many requests; try again in a moment' },
});
