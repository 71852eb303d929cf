import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { type App, createApp } from '../src/app.ts';
import type { ServiceConfig } from '../src/config.ts';
import { testConfig } from './test-config.ts';

/** Starts an app with the routes that a test adds. */
export async function startApp(
  addRoutes: (app: App) => void = () => {},
  settings: Partial<ServiceConfig> = {},
): Promise<App> {
  const config = { ...testConfig, ...settings };
  const app = await createApp({ name: 'test', description: 'A test.', config });
  addRoutes(app);
  onTestFinished(() => app.close());
  return app;
}

/** Reads an HTTP response with JSON until the connection is closed. */
export async function readResponse(socket: Socket) {
  let text = '';
  socket.setEncoding('utf8').on('data', (data) => {
    text += data;
  });
  await new Promise((resolve) => socket.once('close', resolve)); // even after an error
  const [head = '', body = ''] = text.split('\r\n\r\n');
  return { head: head.split('\r\n'), body: JSON.parse(body) };
}
