import { printOpenApi } from '@meshmart/service/openapi';
import { buildApp } from './app.ts';
import { loadConfig } from './config.ts';
import { createSigningKeys } from './tokens/signing-keys.ts';

const config = loadConfig({
  DATABASE_URL: 'postgresql://localhost',
  SIGNING_KEYS_FILE: '-',
  LOG_LEVEL: 'silent',
});
await printOpenApi(await buildApp(config, await createSigningKeys()));
