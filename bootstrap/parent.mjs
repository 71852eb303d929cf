/** Environment variable that an older Node sets for the newer one it starts. */
export const HANDED_OVER = 'MESHMART_HANDED_OVER';

/**
 * Calls back once when the parent process is gone: a killed npm cannot notify its child. Watches only npm and
 * the older Node, because `./meshmart start &` may outlive its shell.
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
