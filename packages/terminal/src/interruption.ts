/**
 * A single Ctrl-C arrives several times: the terminal signals the whole process group, and npm and the older Node
 * forward it.
 */
const SAME_KEYSTROKE_MS = 1000;

export interface Interruption {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP; its reason is the signal's name. */
  stop: AbortSignal;
  /** Aborted by a second signal, at least a second later. */
  force: AbortSignal;
}

/** Turns signals into abort signals: from now on, SIGINT, SIGTERM and SIGHUP no longer end the process. */
export function listenForInterruption(): Interruption {
  const stop = new AbortController();
  const force = new AbortController();
  let stoppedAt = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    if (!stop.signal.aborted) {
      stoppedAt = Date.now();
      stop.abort(signal);
    } else if (Date.now() - stoppedAt > SAME_KEYSTROKE_MS) force.abort(signal);
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal);
  // A closed terminal must not interrupt the shutdown.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  return { stop: stop.signal, force: force.signal };
}

/**
 * Throws when the signal is aborted: its reason if that is an Error, else an Error with the name of the
 * signal.
 */
export function throwIfInterrupted({ aborted, reason }: AbortSignal): void {
  if (aborted) throw reason instanceof Error ? reason : new Error(`interrupted by ${reason}`);
}
