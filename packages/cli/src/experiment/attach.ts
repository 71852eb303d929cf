import type { Interruption } from '../interruption.ts';
import { layoutOf } from '../platform/layout.ts';
import { findFreePorts } from '../platform/ports.ts';
import { findRunningPlatform } from '../platform/state-file.ts';
import { startPlatform } from '../platform.ts';
import { type Control, connectControl } from './control.ts';

export interface AttachedPlatform extends AsyncDisposable {
  control: Control;
  /** Aborted, with the reason, when a platform that was started here does not stay alive. */
  failed: AbortSignal;
}

/** The platform that runs from this state folder; or one on a free port that is stopped when disposed of. */
export async function attachPlatform(
  stateDirectory: string,
  interruption: Interruption,
): Promise<AttachedPlatform> {
  const failure = new AbortController();
  const running = findRunningPlatform(layoutOf(stateDirectory).stateFile);
  if (running) {
    const control = connectControl(running.controlSocket);
    return { control, failed: failure.signal, [Symbol.asyncDispose]: async () => {} };
  }
  const [port = 0] = await findFreePorts(1);
  const platform = await startPlatform({ port, stateDirectory, signal: interruption.stop });
  platform.failure.catch((error) => failure.abort(error));
  return {
    control: connectControl(platform.controlSocket),
    failed: failure.signal,
    [Symbol.asyncDispose]: () => platform.stop(interruption.force),
  };
}
