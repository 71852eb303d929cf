/** One thing wrong with one field of one document. */
export interface Problem {
  file: string;
  line: number;
  /** Kind and name, e.g. `VirtualService product`; the kind of file when that is not known. */
  resource: string;
  /** Path of the field, e.g. `spec.http[0].timeout`; empty for the document as a whole. */
  field: string;
  /** What is wrong and what to do. */
  message: string;
}

/** Configuration that is refused. The message holds every problem, one line each, ready to print. */
export class MeshConfigError extends Error {
  override readonly name = 'MeshConfigError';
  readonly problems: Problem[];

  constructor(problems: Problem[]) {
    super(problems.map(printProblem).join('\n'));
    this.problems = problems;
  }
}

function printProblem({ file, line, resource, field, message }: Problem): string {
  return [`${file}:${line}`, resource, field, message].filter((part) => part !== '').join(': ');
}
