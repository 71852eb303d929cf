/**
 * Settings for tests that send a hundred requests at once on a busy machine and ask what becomes of them, not how soon. With the
 * usual ones some would be refused as `unavailable`, and their clients would have to repeat them.
 */
export const patientConfig = {
  DATABASE_WAIT_MS: '60000',
  HANDLER_TIMEOUT_MS: '120000',
  MAX_EVENT_LOOP_DELAY_MS: '600000',
};
