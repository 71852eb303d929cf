/**
 * Settings for tests that send a hundred requests at once on a busy machine. The defaults would refuse some of them as
 * `unavailable`.
 */
export const patientConfig = {
  DATABASE_WAIT_MS: '60000',
  HANDLER_TIMEOUT_MS: '120000',
  MAX_EVENT_LOOP_DELAY_MS: '600000',
};
