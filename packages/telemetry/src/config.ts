import { basename } from 'node:path';

/** What telemetry reads from the environment beside the standard `OTEL_*` variables, which the SDK reads itself. */
export const config = {
  /** Every service runs from its own folder, on a laptop and in its image. */
  serviceName: process.env.OTEL_SERVICE_NAME ?? basename(process.cwd()),
  serviceVersion: process.env.SERVICE_VERSION ?? 'v1',
  instanceId: process.env.INSTANCE_ID ?? process.env.HOSTNAME ?? 'local',
  hasTraceEndpoint:
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined ||
    process.env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT !== undefined,
};
