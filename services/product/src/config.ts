import { databaseConfig, readConfig, serviceConfig } from '@meshmart/service/config';
import { type Static, Type } from 'typebox';

const schema = Type.Object({
  ...serviceConfig,
  ...databaseConfig,
  USER_URL: Type.String({ default: 'http://user' }),
  /** How long stock is held for an order that is not confirmed; longer than an order may take, with its resumptions. */
  RESERVATION_LIFETIME_S: Type.Integer({ minimum: 1, maximum: 86_400, default: 900 }),
});

export type Config = Static<typeof schema>;

export const loadConfig = (env?: Record<string, string | undefined>): Config => readConfig(schema, env);
