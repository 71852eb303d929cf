import { type EnvoyMessage, typed } from './envoy.ts';
import { clustersFile, fileSource, listenersFile } from './files.ts';

export interface BootstrapOptions {
  /** Proxy name, e.g. `product-v1-1`. */
  name: string;
  /** Service name, e.g. `product`; Envoy's `node.cluster`. */
  service: string;
  namespace: string;
  adminSocket: string;
}

/**
 * Envoy's bootstrap for one proxy whose xDS files are in `directory`; to be written as JSON and given by `-c`.
 * Source: istio/istio tools/packaging/common/envoy_bootstrap.json.
 */
export function bootstrap(proxy: BootstrapOptions, directory: string): EnvoyMessage {
  const { name, service, namespace, adminSocket } = proxy;
  return {
    node: { id: `${name}.${namespace}`, cluster: `${service}.${namespace}` },
    admin: { address: { pipe: { path: adminSocket, mode: 0o600 } } },
    dynamic_resources: {
      cds_config: fileSource(clustersFile(directory, name)),
      lds_config: fileSource(listenersFile(directory, name)),
    },
    layered_runtime: {
      layers: [
        {
          name: 'deprecation',
          static_layer: { 're2.max_program_size.error_level': 32_768 },
        },
        { name: 'admin', admin_layer: {} },
      ],
    },
    // Without a limit of its own Envoy warns that a flood of connections could end it.
    overload_manager: {
      resource_monitors: [
        {
          name: 'envoy.resource_monitors.global_downstream_max_connections',
          typed_config: typed(
            'envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig',
            { max_active_downstream_connections: 2_147_483_647 },
          ),
        },
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
    ...['--log-level', 'warning'],
    // Many Envoys stand side by side on one machine; hot restart would have them share memory by number.
    '--disable-hot-restart',
    ...(logFile ? ['--log-path', logFile] : []),
  ];
}
