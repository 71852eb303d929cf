import { type Static, type TObject, type TProperties, Type } from 'typebox';
import { Value } from 'typebox/value';

/** What every service reads from its environment; a service spreads it into its own schema. */
export const serviceConfig = {
  SERVICE_VERSION: Type.String({ pattern: '^v[0-9]+$', default: 'v1' }),
  INSTANCE_ID: Type.String({ default: 'local' }),
  LOG_LEVEL: Type.String({ default: 'info' }),
  HOST: Type.String({ default: '0.0.0.0' }),
  PORT: Type.Integer({ minimum: 0, maximum: 65535, default: 8080 }),
  /** A Unix socket to listen on instead of HOST and PORT. */
  LISTEN_SOCKET: Type.Optional(Type.String({ minLength: 1 })),
  /** The own sidecar's Unix socket, through which every peer is called; without it peers are dialled by name. */
  MESH_OUTBOUND_SOCKET: Type.Optional(Type.String({ minLength: 1 })),
  /** How long a handler may take, in milliseconds, instead of what suits the service's callers. */
  HANDLER_TIMEOUT_MS: Type.Optional(Type.Integer({ minimum: 1 })),
  /** The mean delay of the event loop over a second, beyond which callers would not get their responses in time. */
  MAX_EVENT_LOOP_DELAY_MS: Type.Integer({ minimum: 1, default: 1000 }),
  /** How long readiness fails before the server closes, so that proxies stop sending first. */
  DRAIN_MS: Type.Integer({ minimum: 0, default: 0 }),
  /** Where the faults of the service can be set: a Unix socket, or a port of 127.0.0.1. Without either they cannot. */
  FAULTS_SOCKET: Type.Optional(Type.String({ minLength: 1 })),
  FAULTS_PORT: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535 })),
  /** The faults to begin with, as JSON. */
  FAULTS: Type.Optional(Type.String()),
};

export type ServiceConfig = Static<TObject<typeof serviceConfig>>;

/** More variables, for a service with a database. */
export const databaseConfig = {
  DATABASE_URL: Type.String({ minLength: 1 }),
  /** How long a request waits for a connection or a lock, in milliseconds. A transaction may take two and a half times as long. */
  DATABASE_WAIT_MS: Type.Integer({ minimum: 1, maximum: 600_000, default: 1000 }),
};

/** Access tokens: who issues them, whom they are for and how long they are good. Not a setting, because every service must agree. */
export const TOKEN_ISSUER = 'https://meshmart.example';
export const TOKEN_AUDIENCE = 'meshmart';
export const ACCESS_TOKEN_LIFETIME_S = 600;

/**
 * Reads a service's configuration from the environment.
 *
 * @throws an Error that names every variable that is missing or wrong, without repeating its value
 */
export function readConfig<P extends TProperties>(
  schema: TObject<P>,
  env: Record<string, string | undefined> = process.env,
): Static<TObject<P>> {
  const known = Object.fromEntries(Object.keys(schema.properties).map((name) => [name, env[name]]));
  const given = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  const config = Value.Convert(schema, Value.Default(schema, given));
  if (Value.Check(schema, config)) return config;
  const problems = Value.Errors(schema, config).map(
    ({ instancePath, message }) => `${instancePath.slice(1)} ${message}`,
  );
  throw new Error(`the environment is not right: ${problems.join('; ')}`);
}
