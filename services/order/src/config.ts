import { databaseConfig, readConfig, serviceConfig } from '@meshmart/service/config';
import { type Static, Type } from 'typebox';

const schema = Type.Object({
  ...serviceConfig,
  ...databaseConfig,
  PRODUCT_URL: Type.String({ default: 'http://product' }),
  PAYMENT_URL: Type.String({ default: 'http://payment' }),
  /** How many orders are worked on for a response at once; more are refused at the door, before their key is claimed. */
  MAX_SAGAS: Type.Integer({ minimum: 1, default: 64 }),
  /** How many orders of one customer may be pending at once, and how many units they may hold together. */
  MAX_OPEN_ORDERS: Type.Integer({ minimum: 1, default: 10 }),
  MAX_HELD_UNITS: Type.Integer({ minimum: 100, default: 500 }),
  USER_URL: Type.String({ default: 'http://user' }),
});

export type Config = Static<typeof schema>;

export const loadConfig = (env?: Record<string, string | undefined>): Config => readConfig(schema, env);
