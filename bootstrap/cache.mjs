import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Returns the folder for fetched and built tools: one subfolder per version, shared by all checkouts.
 *
 * @param {NodeJS.ProcessEnv} env
 */
export const cacheIn = (env) => join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'meshmart');

/**
 * Returns the folder of Node's compile cache for the project's own code.
 *
 * @param {NodeJS.ProcessEnv} env
 */
export const compileCacheIn = (env) => join(cacheIn(env), 'node-compile-cache');
