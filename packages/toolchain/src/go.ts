import { ToolFailedError } from '@meshmart/processes/run-tool';

/** Returns why `go` failed, with what to do where that is known. */
export function explainGoFailure(error: unknown): string {
  const output = error instanceof ToolFailedError ? error.output : '';
  if (/dial tcp|no such host|connection refused|timeout/i.test(output)) {
    return 'go cannot reach its module proxy; check the network';
  }
  if (/no space left on device/.test(output)) return 'no space left on the disk';
  return (error as Error).message;
}
