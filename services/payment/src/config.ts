import { databaseConfig, readConfig, serviceConfig } from '@meshmart/service/config';
import { type Static, Type } from 'typebox';

export const configSchema = Type.Object({ ...serviceConfig, ...databaseConfig });

export type Config = Static<typeof configSchema>;

/** Reads the service's settings. @throws an Error that names each missing or invalid one */
export const loadConfig = (env?: Record<string, string | undefined>): Config => readConfig(configSchema, env);
