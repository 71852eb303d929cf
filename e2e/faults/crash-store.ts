import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { DatabaseUrls } from '@meshmart/consistency-checker/store-state';
import { createTestDatabase } from '@meshmart/database/test-database';
import { findFreePorts } from '@meshmart/processes/ports';
import { config } from '@meshmart/toolchain/config';
import { exportJWK, generateKeyPair } from 'jose';
import pg from 'pg';
import {
  type ServiceName,
  type ServiceOptions,
  type ServiceProcess,
  startService,
} from './service-process.ts';
import { createTokens } from './tokens.ts';

export const serviceNames: ServiceName[] = ['order', 'payment', 'product'];

/** An instance of each service. Calls stay within the lane; all lanes share the databases. */
export interface Lane {
  orderUrl: string;
  process(service: ServiceName): ServiceProcess;
  /** Restarts a dead service at the same address. */
  restart(service: ServiceName): Promise<void>;
  stop(): Promise<void>;
}

/** Order, payment and product without a mesh, once for each lane, on one database for each service. */
export interface CrashStore {
  databases: DatabaseUrls;
  /** The product for sale, of which there is always enough. */
  productId: string;
  lanes: Lane[];
  signToken: Awaited<ReturnType<typeof createTokens>>;
  stop(): Promise<void>;
}

export async function startCrashStore(adminUrl: string, laneCount: number): Promise<CrashStore> {
  const prepare = (service: ServiceName) =>
    createTestDatabase(adminUrl, join(config.root, 'services', service, 'prisma'));
  const [order, payment, product] = await Promise.all([
    prepare('order'),
    prepare('payment'),
    prepare('product'),
  ]);
  const databases = { order, payment, product };
  const productId = await addProduct(product);
  const keys = await startUserKeys();
  const lanes: Lane[] = [];
  // The lanes start one after the other, because a few cores cannot start all in time.
  for (let i = 0; i < laneCount; i++) lanes.push(await startLane(databases, keys.url));
  return {
    databases,
    productId,
    lanes,
    signToken: keys.signToken,
    async stop() {
      await Promise.all(lanes.map((lane) => lane.stop()));
      keys.close();
    },
  };
}

async function addProduct(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query(`
    INSERT INTO products (id, slug, name, description, category, price_minor, stock)
    VALUES (uuidv7(), 'cup', 'Cup', '', 'kitchen', 500, 100000) RETURNING id`);
  await client.end();
  return rows[0].id;
}

/** Serves public keys in place of the user service. */
async function startUserKeys() {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const named = { kid: 'test', alg: 'ES256', use: 'sig' };
  const keySet = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), ...named }] });
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(keySet);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    signToken: await createTokens({ ...(await exportJWK(privateKey)), ...named }),
    close: () => server.close(),
  };
}

async function startLane(databases: DatabaseUrls, userUrl: string): Promise<Lane> {
  const [order = 0, payment = 0, product = 0] = await findFreePorts(3);
  const ports = { order, payment, product };
  const urlOf = (service: ServiceName) => `http://127.0.0.1:${ports[service]}`;
  const optionsOf = (service: ServiceName): ServiceOptions => ({
    service,
    port: ports[service],
    env: {
      DATABASE_URL: databases[service],
      PRODUCT_URL: urlOf('product'),
      PAYMENT_URL: urlOf('payment'),
      USER_URL: userUrl,
    },
  });
  const start = async (service: ServiceName) => [service, await startService(optionsOf(service))] as const;
  const processes = new Map(await Promise.all(serviceNames.map(start)));
  return {
    orderUrl: urlOf('order'),
    process: (service) => processes.get(service) as ServiceProcess,
    async restart(service) {
      processes.set(...(await start(service)));
    },
    async stop() {
      await Promise.all([...processes.values()].map((process) => process.stop()));
    },
  };
}
