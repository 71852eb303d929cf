import type { EnvoyMessage } from './envoy.ts';

export interface BootstrapOptions {
  /** Proxy name, e.g. `product-v1-1`. */
  name: string;
  /** Service name, e.g. `product`; Envoy's `node.cluster`. */
  service: string;
  namespace: string;
  adminSocket: string;
}

/** Envoy's bootstrap for one proxy whose xDS files are in `directory`; to be written as JSON and given by `-c`. */
export function bootstrap(proxy: BootstrapOptions, directory: string): EnvoyMessage {
  throw new Error(`not made yet: ${proxy.name} ${directory}`);
}

/** Envoy's command line, as pilot-agent has it. `concurrency` is the number of worker threads. */
export function envoyArguments(options: {
  bootstrapFile: string;
  concurrency: number;
  logFile?: string;
}): string[] {
  throw new Error(`not made yet: ${options.bootstrapFile}`);
}
