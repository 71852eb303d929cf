/** A problem with one field of a manifest. */
export interface Problem {
  file: string;
  line: number;
  /** Kind and name, such as `VirtualService product`; `YAML` for a syntax error. */
  resource: string;
  /** Path of the field, such as `spec.http[0].timeout`; empty for the whole document. */
  field: string;
  /** The problem, and how to solve it. */
  message: string;
}

/** Refused configuration. The message has one line for each problem. */
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
