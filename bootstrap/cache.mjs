import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Tools that were fetched or built, one folder per version, shared by all checkouts.
 *
 * @param {NodeJS.ProcessEnv} env
 */
export const cacheIn = (env) => join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'meshmart');

/**
 * Of the project's own code, in its form for this Node: types stripped, and compiled.
 *
 * @param {NodeJS.ProcessEnv} env
 */
export const compileCacheIn = (env) => join(cacheIn(env), 'node-compile-cache');
