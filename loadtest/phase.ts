// The runner starts each script once per phase and sets these variables. A script that k6 runs by itself has the
// defaults.

export const phase = __ENV.PHASE || 'alone';
/** Name of the experiment's variant; empty for the experiment itself. */
export const variant = __ENV.VARIANT || '';
export const durationS = Number(__ENV.DURATION_S || 10);
