import { defaultStateDirectory, startPlatform } from '@meshmart/local-platform/platform';
import { listenForInterruption } from '@meshmart/terminal/interruption';
import { parseWholeNumber } from '@meshmart/terminal/whole-number';
import { Command } from 'commander';
import { formatReadyMessage } from './ready-message.ts';

interface StartOptions {
  port: number;
  state: string;
  reset?: boolean;
}

/** `npm start`: runs the platform until somebody stops it. */
export function startCommand(): Command {
  return new Command()
    .description('Start the store behind its sidecars, and stop everything with Ctrl-C.')
    .option('--port <port>', 'of the gateway on 127.0.0.1', parsePort, 8080)
    .option(
      '--state <folder>',
      'data, secrets and logs; a second platform needs its own',
      defaultStateDirectory,
    )
    .option('--reset', 'start with fresh data (of the embedded PostgreSQL)')
    .action(start);
}

async function start({ port, state, reset = false }: StartOptions): Promise<void> {
  const startedAt = Date.now();
  const { stop, force } = listenForInterruption();
  const options = { port, stateDirectory: state, reset, signal: stop };
  const platform = await startPlatform(options).catch((error) => {
    if (!stop.aborted) throw error;
  });
  if (!platform) {
    console.log('Stopped before it was ready; nothing is left running.');
    process.exit(130);
  }
  console.log(formatReadyMessage(platform, Date.now() - startedAt));
  const stopped = new Promise<void>((resolve) =>
    stop.addEventListener('abort', () => resolve(), { once: true }),
  );
  let failure: Error | undefined;
  if (!stop.aborted) {
    await Promise.race([stopped, platform.failure]).catch((error) => {
      failure = error;
    });
  }
  console.log(failure ? `${failure.message}\nStopping …` : 'Stopping … (Ctrl-C again to force)');
  await platform.stop(force);
  console.log('Stopped; nothing is left running.');
  process.exit(failure ? 1 : 0);
}

function parsePort(text: string): number {
  return parseWholeNumber(text, { from: 1, to: 65_535 });
}
