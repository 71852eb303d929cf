/** One Ctrl-C arrives several times: the terminal signals the whole group, and npm and the older Node forward it. */
const SAME_KEYSTROKE_MS = 1000;

export interface Interruption {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP; its reason is the signal's name. */
  stop: AbortSignal;
  /** Aborted when somebody insists. */
  force: AbortSignal;
}

/** From now on signals are asked for instead of deadly. */
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
  // A closed terminal must not end the orderly stop halfway.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  return { stop: stop.signal, force: force.signal };
}

/** An interruption has the name of its signal for a reason. */
export function throwIfInterrupted({ aborted, reason }: AbortSignal): void {
  if (aborted) throw reason instanceof Error ? reason : new Error(`interrupted by ${reason}`);
}
