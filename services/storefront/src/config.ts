import { readConfig, serviceConfig } from '@meshmart/service/config';
import { type Static, Type } from 'typebox';

const ConfigSchema = Type.Object({
  ...serviceConfig,
  PRODUCT_URL: Type.String({ format: 'uri', default: 'http://product' }),
  ORDER_URL: Type.String({ format: 'uri', default: 'http://order' }),
  USER_URL: Type.String({ format: 'uri', default: 'http://user' }),
});

export type Config = Static<typeof ConfigSchema>;

/** The storefront's settings. @throws an Error that names what is missing or wrong */
export const loadConfig = (env?: Record<string, string | undefined>): Config => readConfig(ConfigSchema, env);
