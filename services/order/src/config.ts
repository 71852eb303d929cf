import { databaseConfig, peerUrl, readConfig, serviceConfig } from '@meshmart/service/config';
import { type Static, Type } from 'typebox';

export const configSchema = Type.Object({
  ...serviceConfig,
  ...databaseConfig,
  PRODUCT_URL: peerUrl('product'),
  PAYMENT_URL: peerUrl('payment'),
  MAX_SAGAS: Type.Integer({
    minimum: 1,
    default: 64,
    description: 'Orders that an instance works on at once for waiting clients. More are refused.',
  }),
  MAX_OPEN_ORDERS: Type.Integer({ minimum: 1, default: 10, description: 'Pending orders of one customer.' }),
  MAX_HELD_UNITS: Type.Integer({
    minimum: 100,
    default: 500,
    description: 'Units in the pending orders of one customer.',
  }),
  USER_URL: peerUrl('user'),
});

export type Config = Static<typeof configSchema>;

/** Reads the service's settings. @throws an Error that names each missing or invalid one */
export const loadConfig = (env?: Record<string, string | undefined>): Config => readConfig(configSchema, env);
