// Run by server.test.ts in a process of its own, because a drain ends the process.
import { setTimeout as sleep } from 'node:timers/promises';
import { createApp } from '../src/app.ts';
import { serve } from '../src/server.ts';
import { testConfig } from './test-config.ts';

const config = { ...testConfig, DRAIN_MS: 300, LISTEN_SOCKET: String(process.argv[2]) };
const app = await createApp({ name: 'test', description: 'A test.', config });
app.get('/slow', { config: { access: 'anonymous' } }, async () => {
  await sleep(600);
  return { done: true };
});
await serve(app, config);
console.log('listening');
