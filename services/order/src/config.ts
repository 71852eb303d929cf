import { databaseConfig, readConfig, serviceConfig } from '@meshmart/service/config';
import { type Static, Type } from 'typebox';

const schema = Type.Object({
  ...serviceConfig,
  ...databaseConfig,
  PRODUCT_URL: Type.String({ default: 'http://product' }),
  PAYMENT_URL: Type.String({ default: 'http://payment' }),
  USER_URL: Type.String({ default: 'http://user' }),
});

export type Config = Static<typeof schema>;

export const loadConfig = (env?: Record<string, string | undefined>): Config => readConfig(schema, env);
