import { databaseConfig, readConfig, serviceConfig } from '@meshmart/service/config';
import { type Static, Type } from 'typebox';

export const configSchema = Type.Object({
  ...serviceConfig,
  ...databaseConfig,
  SIGNING_KEYS_FILE: Type.String({
    minLength: 1,
    description: 'Private JWK set (RFC 7517), mode 0600, with the times at which each key is in use.',
  }),
});

export const migrationSchema = Type.Object({
  DATABASE_URL: Type.String({ minLength: 1 }),
  ADMIN_EMAIL: Type.String({ format: 'email', description: 'Email of the administrator.' }),
  ADMIN_PASSWORD: Type.String({ minLength: 12, description: "The administrator's password." }),
});

export type Config = Static<typeof configSchema>;

/** Reads the service's settings. @throws an Error that names each missing or invalid one */
export const loadConfig = (env?: Record<string, string | undefined>): Config => readConfig(configSchema, env);
/** Reads the settings of the migration, which creates the administrator. @throws like `loadConfig` */
export const loadMigrationConfig = () => readConfig(migrationSchema);
