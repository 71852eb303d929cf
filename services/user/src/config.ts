import { databaseConfig, readConfig, serviceConfig } from '@meshmart/service/config';
import { type Static, Type } from 'typebox';

const schema = Type.Object({
  ...serviceConfig,
  ...databaseConfig,
  /** A private JWK set (RFC 7517), mode 0600, with the times at which each key is in use: see `tokens/keys-file.ts`. */
  SIGNING_KEYS_FILE: Type.String({ minLength: 1 }),
});

const migrationSchema = Type.Object({
  DATABASE_URL: Type.String({ minLength: 1 }),
  /** The store's one administrator: see `users/set-administrator.ts`. */
  ADMIN_EMAIL: Type.String({ format: 'email' }),
  ADMIN_PASSWORD: Type.String({ minLength: 12 }),
});

export type Config = Static<typeof schema>;

export const loadConfig = (env?: Record<string, string | undefined>): Config => readConfig(schema, env);
export const loadMigrationConfig = () => readConfig(migrationSchema);
