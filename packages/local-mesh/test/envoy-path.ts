import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Returns the path of the Envoy for the tests: from `ENVOY_PATH`, the PATH, or downloaded by `npm start`. */
export function findEnvoy(): string {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const candidates = [
    process.env.ENVOY_PATH ?? '',
    ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'envoy')),
    join(cache, 'meshmart', 'envoy-1.40.0', 'envoy'),
  ];
  const found = candidates.find((path) => path !== '' && existsSync(path));
  if (!found) {
    throw new Error(
      'No Envoy: set ENVOY_PATH, put envoy on the PATH, or run `npm start` once, which fetches it.',
    );
  }
  return found;
}
