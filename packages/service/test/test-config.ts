import { Type } from 'typebox';
import { readConfig, serviceConfig } from '../src/config.ts';

/** A test's requests are not refused on a busy machine. */
export const testConfig = readConfig(Type.Object(serviceConfig), {
  LOG_LEVEL: 'silent',
  MAX_EVENT_LOOP_DELAY_MS: '600000',
});
