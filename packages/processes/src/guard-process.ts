// Runs beside the supervisor, in its own session. The supervisor keeps the other end of the pipe on standard
// input open and never writes to it, so the end of input means that the supervisor is dead.
import { clearRun } from './run-record.ts';

const runDirectory = process.argv[2] as string;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.stdin.on('end', () => clearRun(runDirectory));
process.stdin.resume();
