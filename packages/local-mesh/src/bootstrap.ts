import type { EnvoyMessage } from './envoy.ts';
import { XDS_SOURCE, xdsCluster } from './xds.ts';

export interface BootstrapOptions {
  /** Proxy name, e.g. `product-v1-1`. */
  name: string;
  /** Service name, e.g. `product`; Envoy's `node.cluster`. */
  service: string;
  namespace: string;
  adminSocket: string;
}

/** Source: istio/istio pkg/bootstrap/config.go, extractRuntimeFlags. */
const RUNTIME_FLAGS = {
  're2.max_program_size.error_level': '32768',
  'envoy.reloadable_features.http_reject_path_with_fragment': false,
  'envoy.reloadable_features.fixed_heap_use_allocated': true,
  'envoy.reloadable_features.coalesce_lb_rebuilds_on_batch_update': false,
};

/**
 * Envoy's bootstrap for one proxy that asks an xDS server for the rest; to be written as JSON and given by `-c`.
 *
 * @param xdsSocket Unix socket of the server
 * Source: istio/istio tools/packaging/common/envoy_bootstrap.json.
 */
export function bootstrap(proxy: BootstrapOptions, xdsSocket: string): EnvoyMessage {
  const { name, service, namespace, adminSocket } = proxy;
  return {
    node: { id: `${name}.${namespace}`, cluster: `${service}.${namespace}` },
    admin: { address: { pipe: { path: adminSocket, mode: 0o600 } } },
    static_resources: { clusters: [xdsCluster(xdsSocket)] },
    dynamic_resources: { cds_config: XDS_SOURCE, lds_config: XDS_SOURCE },
    layered_runtime: {
      layers: [
        { name: 'global config', static_layer: RUNTIME_FLAGS },
        { name: 'admin', admin_layer: {} },
      ],
    },
  };
}

export interface EnvoyOptions {
  bootstrapFile: string;
  /** Number of worker threads. */
  concurrency: number;
  /** Where Envoy writes its own log; standard error when it is missing. */
  logFile?: string;
}

/** Envoy's command line, as pilot-agent has it: what is drained is told at once and has 45 s. Source: istio/istio pkg/envoy/proxy.go. */
export function envoyArguments({ bootstrapFile, concurrency, logFile }: EnvoyOptions): string[] {
  return [
    ...['-c', bootstrapFile],
    ...['--concurrency', String(concurrency)],
    ...['--drain-time-s', '45', '--drain-strategy', 'immediate'],
    ...['--file-flush-interval-msec', '1000'],
    // Istio's fields are ahead of Envoy's deprecations; the warnings would bury the rest, as would those of "config" as soon as
    // the xDS server is gone.
    ...['--log-level', 'warning', '--component-log-level', 'misc:error,config:error'],
    // Only Envoy knows the fields of an EnvoyFilter's values; by default it ignores those that it does not know.
    '--reject-unknown-dynamic-fields',
    // Many Envoys stand side by side on one machine; hot restart would have them share memory by number.
    '--disable-hot-restart',
    ...(logFile ? ['--log-path', logFile] : []),
  ];
}
