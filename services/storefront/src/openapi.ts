import { printOpenApi } from '@meshmart/service/openapi';
import { buildApp } from './app.ts';
import { loadConfig } from './config.ts';

await printOpenApi(await buildApp(loadConfig({ LOG_LEVEL: 'silent' })));
