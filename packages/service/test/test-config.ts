import { Type } from 'typebox';
import { readConfig, serviceConfig } from '../src/config.ts';

/** A busy machine is no reason to refuse a test's requests. */
export const testConfig = readConfig(Type.Object(serviceConfig), {
  LOG_LEVEL: 'silent',
  MAX_EVENT_LOOP_DELAY_MS: '600000',
});
