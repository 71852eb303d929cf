/** Set by the older Node for the newer one that it has started. */
export const HANDED_OVER = 'MESHMART_HANDED_OVER';

/**
 * Calls back once when the process that started this one is gone: nobody tells us when npm is killed with SIGKILL. Only under
 * npm (or under the older Node), since `node meshmart.mjs start &` may well outlive its shell.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {() => void} onGone
 */
export function watchParent(env, onGone) {
  if (!env.npm_lifecycle_event && !env[HANDED_OVER]) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, 500);
  timer.unref();
}
