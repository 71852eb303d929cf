import { basename } from 'node:path';

/** The environment variables of telemetry, besides the standard `OTEL_*` ones that the SDK reads. */
export const config = {
  /** Default: the working directory, since every service runs in its own folder. */
  serviceName: process.env.OTEL_SERVICE_NAME ?? basename(process.cwd()),
  serviceVersion: process.env.SERVICE_VERSION ?? 'v1',
  instanceId: process.env.INSTANCE_ID ?? process.env.HOSTNAME ?? 'local',
  /** Without any of these, the SDK would send to localhost. */
  exportsTraces: [
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    'OTEL_TRACES_EXPORTER',
  ].some((name) => process.env[name]),
};
