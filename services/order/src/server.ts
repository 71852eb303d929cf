import { serve } from '@meshmart/service/server';
import { buildApp } from './app.ts';
import { loadConfig } from './config.ts';

const config = loadConfig();
await serve(await buildApp(config), config);
