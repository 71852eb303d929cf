import { serve } from '@meshmart/service/server';
import { buildApp } from './app.ts';
import { loadConfig } from './config.ts';
import { readSigningKeys } from './tokens/signing-keys.ts';

const config = loadConfig();
await serve(await buildApp(config, await readSigningKeys(config.SIGNING_KEYS_FILE)), config);
