import { type App, type AppOptions, createApp } from '@meshmart/service/app';
import { addressRoutes } from './addresses/routes.ts';
import type { Config } from './config.ts';
import { database } from './database.ts';
import { problem } from './problems.ts';
import { limitAttempts } from './sessions/limit-attempts.ts';
import { ownSessionRoutes } from './sessions/own-session-routes.ts';
import { sessionRoutes } from './sessions/routes.ts';
import { tokenRoutes } from './tokens/routes.ts';
import type { SigningKeys } from './tokens/signing-keys.ts';
import { userRoutes } from './users/routes.ts';

/** Builds the service. It verifies access tokens with `signingKeys`, without a call over the network. */
export async function buildApp(
  config: Config,
  signingKeys: SigningKeys,
  options: Pick<AppOptions, 'logger'> = {},
): Promise<App> {
  const app = await createApp({
    name: 'user',
    description: 'Manages accounts and sessions, and publishes the keys for access tokens.',
    config,
    problems: problem.kinds,
    userKeys: signingKeys.verifyKeys,
    ...options,
  });
  await app.register(database, config);
  const limit = await limitAttempts(app);
  await app.register(userRoutes, { limit });
  await app.register(addressRoutes);
  await app.register(ownSessionRoutes);
  await app.register(sessionRoutes, { signingKeys, limit });
  await app.register(tokenRoutes, { signingKeys });
  return app;
}
