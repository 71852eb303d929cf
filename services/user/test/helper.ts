import { fileURLToPath } from 'node:url';
import { createTestDatabase } from '@meshmart/database/test-database';
import { patientConfig } from '@meshmart/service/patient-config';
import { inject, onTestFinished } from 'vitest';
import { buildApp } from '../src/app.ts';
import { loadConfig } from '../src/config.ts';
import { createSigningKeys } from '../src/tokens/signing-keys.ts';

const prismaDirectory = fileURLToPath(new URL('../prisma', import.meta.url));

export const ada = { email: 'Ada@Meshmart.example', password: 'correct horse', name: 'Ada' };
export const login = { email: ada.email, password: ada.password };

let addresses = 0;
/** Returns an unused address. */
export const newAddress = () => `2001:db8:${(++addresses).toString(16)}::1`;

/** Starts the service on an empty database, with new signing keys. */
export async function startApp() {
  const DATABASE_URL = await createTestDatabase(inject('databaseAdminUrl'), prismaDirectory);
  const config = loadConfig({ DATABASE_URL, SIGNING_KEYS_FILE: '-', LOG_LEVEL: 'silent', ...patientConfig });
  const signingKeys = await createSigningKeys();
  const start = async () => {
    const app = await buildApp(config, signingKeys);
    onTestFinished(() => app.close());
    const post = (url: string, body: object, remoteAddress = newAddress()) =>
      app.inject({ method: 'POST', url, body, remoteAddress });
    return { app, post };
  };
  /** `startReplica` starts another instance on the same database. */
  return { ...(await start()), startReplica: start, signingKeys, DATABASE_URL };
}
