import { Type } from 'typebox';
import { readConfig, serviceConfig } from '../src/config.ts';

export const testConfig = readConfig(Type.Object(serviceConfig), { LOG_LEVEL: 'silent' });
