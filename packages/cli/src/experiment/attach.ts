import { dirname } from 'node:path';
import type { Interruption } from '../interruption.ts';
import { type Layout, layoutOf } from '../platform/layout.ts';
import { findFreePorts } from '../platform/ports.ts';
import { ensureSecrets, type Secrets } from '../platform/secrets.ts';
import { findRunningPlatform } from '../platform/state-file.ts';
import { startPlatform } from '../platform.ts';
import { type Control, connectControl } from './control.ts';

export interface AttachedPlatform extends AsyncDisposable {
  control: Control;
  /** The run folder. */
  directory: string;
  admin: Secrets['admin'];
  /** Aborted, with the reason, when a platform that was started here does not stay alive. */
  failed: AbortSignal;
}

/** The platform that runs from this state folder; or one on a free port that is stopped when disposed of. */
export async function attachPlatform(
  stateDirectory: string,
  interruption: Interruption,
): Promise<AttachedPlatform> {
  const failure = new AbortController();
  const layout = layoutOf(stateDirectory);
  const running = findRunningPlatform(layout.stateFile);
  if (running)
    return {
      ...describe(running.controlSocket, layout),
      failed: failure.signal,
      [Symbol.asyncDispose]: async () => {},
    };
  const [port = 0] = await findFreePorts(1);
  const platform = await startPlatform({ port, stateDirectory, signal: interruption.stop });
  platform.failure.catch((error) => failure.abort(error));
  return {
    ...describe(platform.controlSocket, layout),
    failed: failure.signal,
    [Symbol.asyncDispose]: () => platform.stop(interruption.force),
  };
}

function describe(controlSocket: string, { secrets }: Layout) {
  return {
    control: connectControl(controlSocket),
    directory: dirname(controlSocket),
    admin: ensureSecrets(secrets).admin,
  };
}
