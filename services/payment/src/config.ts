import { databaseConfig, readConfig, serviceConfig } from '@meshmart/service/config';
import { type Static, Type } from 'typebox';

export const configSchema = Type.Object({ ...serviceConfig, ...databaseConfig });

export type Config = Static<typeof configSchema>;

export const loadConfig = (env?: Record<string, string | undefined>): Config => readConfig(configSchema, env);
