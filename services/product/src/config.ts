import { databaseConfig, peerUrl, readConfig, serviceConfig } from '@meshmart/service/config';
import { type Static, Type } from 'typebox';

export const configSchema = Type.Object({
  ...serviceConfig,
  ...databaseConfig,
  USER_URL: peerUrl('user'),
  RESERVATION_LIFETIME_S: Type.Integer({
    minimum: 1,
    maximum: 86_400,
    default: 900,
    description: 'Lifetime of an unconfirmed reservation. It must exceed the time in which an order expires.',
  }),
});

export type Config = Static<typeof configSchema>;

/** Reads the service's settings. @throws an Error that names each missing or invalid one */
export const loadConfig = (env?: Record<string, string | undefined>): Config => readConfig(configSchema, env);
