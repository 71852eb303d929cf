import { join } from 'node:path';
import { createApp } from '@meshmart/service/app';
import { readConfig, serviceConfig } from '@meshmart/service/config';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import Type from 'typebox';
import { onTestFinished } from 'vitest';

/** Starts a service without routes. @returns the socket over which its faults are set */
export async function startFaultyService(): Promise<string> {
  const socket = join(temporaryFolder(), 'product.faults');
  const config = readConfig(Type.Object(serviceConfig), { LOG_LEVEL: 'silent', FAULTS_SOCKET: socket });
  const app = await createApp({ name: 'product', description: 'A stand-in.', config });
  onTestFinished(() => app.close());
  await app.ready();
  return socket;
}
