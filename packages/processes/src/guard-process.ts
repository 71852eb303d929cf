// Runs beside the supervisor, in a session of its own. The supervisor holds the other end of the pipe on standard input and
// never writes to it: its end means that the supervisor is dead, however it died.
import { clearRun } from './run-record.ts';

const runDirectory = process.argv[2] as string;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.stdin.on('end', () => clearRun(runDirectory));
process.stdin.resume();
