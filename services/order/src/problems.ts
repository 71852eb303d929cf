import { defineProblems } from '@meshmart/service/problems';

export const problem = defineProblems({});
