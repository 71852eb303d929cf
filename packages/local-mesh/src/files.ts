import { join } from 'node:path';
import type { EnvoyMessage } from './envoy.ts';

/** Where each xDS file lies under the folder of all proxies. */
export const clustersFile = (directory: string, proxy: string) => join(directory, proxy, 'cds.json');
export const listenersFile = (directory: string, proxy: string) => join(directory, proxy, 'lds.json');
export const routesFile = (directory: string, proxy: string, name: string) =>
  join(directory, proxy, `rds-${name}.json`);
export const secretFile = (directory: string, proxy: string, name: string) =>
  join(directory, proxy, `sds-${name}.json`);

/** A source of configuration that Envoy reads again whenever another file is renamed into its place. */
export function fileSource(path: string): EnvoyMessage {
  return { path_config_source: { path }, resource_api_version: 'V3' };
}
