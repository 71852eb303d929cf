// Preloaded with `node --import @meshmart/telemetry/register`, so that it patches modules before a service loads them.
import { FastifyOtelInstrumentation } from '@fastify/otel';
import { getNodeAutoInstrumentations } from '@opentelemetry/auto-instrumentations-node';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { AlwaysOffSampler, NoopSpanProcessor } from '@opentelemetry/sdk-trace';
import { register } from 'import-in-the-middle/register-hooks.mjs';
import { config } from './config.ts';
import { prometheusExporter } from './metrics.ts';
import { recordRoute, redactClientInput, redactPeerCall } from './redact-spans.ts';
import { RoutingHeadersPropagator } from './routing-headers.ts';

// `--import` alone reaches `require`. Of what is patched only these two are ever imported as ES modules, so only they go
// through the loader: hooking every module costs each process a second and 100 MB.
register({ include: ['pg', 'pino'] });

const OFF = { enabled: false };
const isProbe = (url: string | undefined) => url?.startsWith('/health/') || url === '/metrics';

const sdk = new NodeSDK({
  resource: resourceFromAttributes({
    'service.name': config.serviceName,
    'service.version': config.serviceVersion,
    'service.instance.id': config.instanceId,
  }),
  // Named, because the default ones describe the machine and, with a cloud's, wait for addresses that answer nowhere else.
  resourceDetectors: [envDetector],
  textMapPropagator: new CompositePropagator({
    propagators: [
      new W3CTraceContextPropagator(),
      new W3CBaggagePropagator(),
      new RoutingHeadersPropagator(),
    ],
  }),
  // With an endpoint the SDK follows the OTEL_* variables. Without one nothing is recorded, but trace ids are still made and
  // passed on: logs carry them.
  ...(config.exportsTraces
    ? {}
    : { spanProcessors: [new NoopSpanProcessor()], sampler: new AlwaysOffSampler() }),
  metricReaders: [prometheusExporter],
  logRecordProcessors: [],
  instrumentations: [
    getNodeAutoInstrumentations({
      '@opentelemetry/instrumentation-dns': OFF,
      '@opentelemetry/instrumentation-fs': OFF,
      '@opentelemetry/instrumentation-net': OFF,
      '@opentelemetry/instrumentation-http': {
        ignoreIncomingRequestHook: ({ url }) => isProbe(url),
        requestHook: redactClientInput,
      },
      '@opentelemetry/instrumentation-undici': { requestHook: redactPeerCall },
      '@opentelemetry/instrumentation-pg': { requireParentSpan: true },
      '@opentelemetry/instrumentation-pino': { disableLogSending: true },
    }),
    new FastifyOtelInstrumentation({
      registerOnInitialization: true,
      ignorePaths: ({ url }) => isProbe(url),
      requestHook: recordRoute,
    }),
  ],
});
sdk.start();

/** Sends the spans that are still held back, then lets the process end. */
process.once('beforeExit', () => sdk.shutdown());
