import { onTestFinished } from 'vitest';
import { type App, createApp } from '../src/app.ts';
import { testConfig } from './test-config.ts';

/** The bare app of the template, to which a test adds the routes that it is about. */
export async function startApp(addRoutes: (app: App) => void = () => {}): Promise<App> {
  const app = await createApp({ name: 'test', description: 'A test.', config: testConfig });
  addRoutes(app);
  onTestFinished(() => app.close());
  return app;
}
