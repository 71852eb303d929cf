import { printOpenApi } from '@meshmart/service/openapi';
import { buildApp } from './app.ts';
import { loadConfig } from './config.ts';

await printOpenApi(
  await buildApp(loadConfig({ DATABASE_URL: 'postgresql://localhost', LOG_LEVEL: 'silent' })),
);
