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

/** https://github.com/istio/istio/blob/eed52ebb66ad/pkg/bootstrap/config.go#L395 */
const RUNTIME_FLAGS = {
  're2.max_program_size.error_level': '32768',
  'envoy.reloadable_features.http_reject_path_with_fragment': false,
  'envoy.reloadable_features.fixed_heap_use_allocated': true,
  'envoy.reloadable_features.coalesce_lb_rebuilds_on_batch_update': false,
};

/**
 * Returns Envoy's bootstrap for a proxy, to be written as JSON. The proxy receives the rest of its configuration by
 * xDS.
 * https://github.com/istio/istio/blob/eed52ebb66ad/tools/packaging/common/envoy_bootstrap.json
 *
 * @param xdsSocket Unix socket of the xDS server
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

interface EnvoyOptions {
  bootstrapFile: string;
  /** Number of worker threads. */
  concurrency: number;
  /** File for Envoy's log; standard error by default. */
  logFile?: string;
}

/**
 * Returns Envoy's command line, which follows pilot-agent's: draining connections get 45 s.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pkg/envoy/proxy.go#L126
 */
export function envoyArguments({ bootstrapFile, concurrency, logFile }: EnvoyOptions): string[] {
  return [
    ...['-c', bootstrapFile],
    ...['--concurrency', String(concurrency)],
    ...['--drain-time-s', '45', '--drain-strategy', 'immediate'],
    ...['--file-flush-interval-msec', '1000'],
    // Warnings about deprecated fields, which Istio still sends, would bury all others. So would those of "config"
    // once the xDS server has stopped.
    ...['--log-level', 'warning', '--component-log-level', 'misc:error,config:error'],
    // Makes Envoy refuse unknown fields in an EnvoyFilter, which it ignores by default.
    '--reject-unknown-dynamic-fields',
    // Hot restart would let the Envoys of one machine share memory.
    '--disable-hot-restart',
    ...(logFile ? ['--log-path', logFile] : []),
  ];
}
