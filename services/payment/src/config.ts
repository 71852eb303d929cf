import { readConfig, serviceConfig } from '@meshmart/service/config';
import { type Static, Type } from 'typebox';

const schema = Type.Object({ ...serviceConfig, DATABASE_URL: Type.String({ minLength: 1 }) });

export type Config = Static<typeof schema>;

export const loadConfig = (env?: Record<string, string | undefined>): Config => readConfig(schema, env);
