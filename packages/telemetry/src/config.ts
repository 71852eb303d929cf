import { basename } from 'node:path';

/** What telemetry reads from the environment beside the standard `OTEL_*` variables, which the SDK reads itself. */
export const config = {
  /** Every service runs from its own folder, on a laptop and in its image. */
  serviceName: process.env.OTEL_SERVICE_NAME ?? basename(process.cwd()),
  serviceVersion: process.env.SERVICE_VERSION ?? 'v1',
  instanceId: process.env.INSTANCE_ID ?? process.env.HOSTNAME ?? 'local',
  /** Without any of these the SDK would send to localhost for ever. */
  exportsTraces: [
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    'OTEL_TRACES_EXPORTER',
  ].some((name) => process.env[name]),
};
