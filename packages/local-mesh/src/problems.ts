/** One thing wrong with one field of one document. */
export interface Problem {
  file: string;
  line: number;
  field: string;
  message: string;
}

/** Configuration that is refused. The message holds every problem, one line each, ready to print. */
export class MeshConfigError extends Error {
  override readonly name = 'MeshConfigError';
  readonly problems: Problem[];

  constructor(problems: Problem[]) {
    super(problems.map((problem) => `${problem.file}:${problem.line}: ${problem.message}`).join('\n'));
    this.problems = problems;
  }
}
