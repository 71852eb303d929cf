import { type Static, type TObject, type TProperties, Type } from 'typebox';
import { Value } from 'typebox/value';

const path = (description: string) => Type.Optional(Type.String({ minLength: 1, description }));

/**
 * Variables that every service reads; a service spreads them into its own schema. Descriptions go into docs/reference.
 */
export const serviceConfig = {
  SERVICE_VERSION: Type.String({
    pattern: '^v[0-9]+$',
    default: 'v1',
    description: 'Version in `x-served-by`.',
  }),
  INSTANCE_ID: Type.String({ default: 'local', description: 'Name of the instance in telemetry.' }),
  LOG_LEVEL: Type.String({ default: 'info', description: "pino's level." }),
  HOST: Type.String({ default: '0.0.0.0', description: 'Address to listen on.' }),
  PORT: Type.Integer({ minimum: 0, maximum: 65535, default: 8080, description: 'Port to listen on.' }),
  LISTEN_SOCKET: path('Unix socket to listen on, instead of `HOST` and `PORT`.'),
  MESH_OUTBOUND_SOCKET: path(
    "The sidecar's Unix socket for calls to peers. Default: peers are called by name.",
  ),
  HANDLER_TIMEOUT_MS: Type.Optional(
    Type.Integer({ minimum: 1, description: "Longest run of a handler. Default: the service's own limit." }),
  ),
  MAX_EVENT_LOOP_DELAY_MS: Type.Integer({
    minimum: 1,
    default: 1000,
    description: 'Mean delay of the event loop above which requests are refused.',
  }),
  DRAIN_MS: Type.Integer({
    minimum: 0,
    default: 0,
    description: 'Time between failing readiness and closing the server.',
  }),
  FAULTS_SOCKET: path('Unix socket on which faults can be set.'),
  FAULTS_PORT: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 65535,
      description: 'Port of 127.0.0.1 on which faults can be set.',
    }),
  ),
  FAULTS: Type.Optional(Type.String({ description: 'Faults at the start, as JSON.' })),
};

export type ServiceConfig = Static<TObject<typeof serviceConfig>>;

/** Variables of a service with a database. */
export const databaseConfig = {
  DATABASE_URL: Type.String({ minLength: 1, description: "URL of the service's PostgreSQL database." }),
  DATABASE_WAIT_MS: Type.Integer({
    minimum: 1,
    maximum: 600_000,
    default: 1000,
    description: 'Longest wait for a connection or a lock. A transaction may take 2.5 times as long.',
  }),
};

/** Returns the schema of a variable with a peer's URL. The default is the peer's name in the mesh. */
export function peerUrl(peer: string) {
  return Type.String({ format: 'uri', default: `http://${peer}`, description: `URL of ${peer}.` });
}

/** Issuer, audience and lifetime of access tokens: constants, because all services must agree. */
export const TOKEN_ISSUER = 'https://meshmart.example';
export const TOKEN_AUDIENCE = 'meshmart';
export const ACCESS_TOKEN_LIFETIME_S = 600;

/**
 * Reads a service's configuration from the environment.
 *
 * @throws an Error that names every missing or invalid variable, without its value
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
  throw new Error(`invalid environment: ${problems.join('; ')}`);
}
