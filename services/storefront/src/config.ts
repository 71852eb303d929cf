import { peerUrl, readConfig, serviceConfig } from '@meshmart/service/config';
import { type Static, Type } from 'typebox';

export const configSchema = Type.Object({
  ...serviceConfig,
  PRODUCT_URL: peerUrl('product'),
  ORDER_URL: peerUrl('order'),
  USER_URL: peerUrl('user'),
});

export type Config = Static<typeof configSchema>;

/** Reads the storefront's settings. @throws an Error that names what is missing or wrong */
export const loadConfig = (env?: Record<string, string | undefined>): Config => readConfig(configSchema, env);
