import { databaseConfig, readConfig, serviceConfig } from '@meshmart/service/config';
import { type Static, Type } from 'typebox';

const schema = Type.Object({ ...serviceConfig, ...databaseConfig });

export type Config = Static<typeof schema>;

export const loadConfig = (env?: Record<string, string | undefined>): Config => readConfig(schema, env);
