// Preloaded with `node --import @meshmart/telemetry/register`, to patch modules before a service loads them.
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

// Without a loader hook only `require` is patched. These two are imported as ES modules. Hooking every module would
// cost each process a second and 100 MB.
register({ include: ['pg', 'pino'] });

const OFF = { enabled: false };
const isProbe = (url: string | undefined) => url?.startsWith('/health/') || url === '/metrics';

const sdk = new NodeSDK({
  resource: resourceFromAttributes({
    'service.name': config.serviceName,
    'service.version': config.serviceVersion,
    'service.instance.id': config.instanceId,
  }),
  // The default detectors describe the machine, and those for clouds wait for addresses that exist only there.
  resourceDetectors: [envDetector],
  textMapPropagator: new CompositePropagator({
    propagators: [
      new W3CTraceContextPropagator(),
      new W3CBaggagePropagator(),
      new RoutingHeadersPropagator(),
    ],
  }),
  // With an endpoint, the SDK follows the OTEL_* variables. Without one, nothing is recorded, but trace ids are still
  // created and propagated for the logs.
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

// Send buffered spans before the process exits.
process.once('beforeExit', () => sdk.shutdown());
