import { startPlatform } from '@meshmart/local-platform/start-platform';
import { listenForInterruption } from '@meshmart/terminal/interruption';
import { Command } from 'commander';
import { parsePort, stateOption } from '../options.ts';
import { formatReadyMessage } from './ready-message.ts';

const INTERRUPTED = 130;

interface StartOptions {
  port: number;
  state: string;
  reset?: boolean;
}

/** Defines `start`, which runs the store until Ctrl-C. */
export default function startCommand(): Command {
  return new Command()
    .option('--port <port>', 'port of the gateway on 127.0.0.1', parsePort, 8080)
    .addOption(stateOption('folder for data, secrets and logs; each running store needs its own'))
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
    process.exit(INTERRUPTED);
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
