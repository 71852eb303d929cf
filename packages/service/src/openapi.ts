import type { App } from './app.ts';

/** Prints a service's OpenAPI document, as it is committed in `openapi.json`. */
export async function printOpenApi(app: App): Promise<void> {
  process.stdout.write(await renderOpenApi(app));
}

/** The document as text, so that the committed file can be compared with it to the letter. */
export async function renderOpenApi(app: App): Promise<string> {
  await app.ready();
  const document = JSON.stringify(app.swagger(), null, 2);
  await app.close();
  return `${document}\n`;
}
