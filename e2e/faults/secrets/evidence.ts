import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openReader } from '@meshmart/database/read-only';
import { requestOverSocket } from '@meshmart/local-platform/control/client';
import type { RunningStore } from '../../running-store.ts';

const adminPages = [
  'stats',
  'stats?format=prometheus',
  'clusters',
  'certs',
  'listeners',
  'config_dump?include_eds',
  'server_info',
  'runtime',
];

/** Saves what operators can see: metrics, the proxies' admin pages, and every row of every table. */
export async function collectEvidence(store: RunningStore, folder: string): Promise<void> {
  const write = (place: string, text: string) => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, place), text, { mode: 0o600 });
  };
  const { instances, gateway } = await store.status();
  for (const { name, appSocket } of instances) {
    write(`metrics ${name}`, await requestOverSocket(appSocket, '/metrics'));
  }
  for (const { name, adminSocket } of [...instances, { name: 'gateway', ...gateway }]) {
    for (const page of adminPages) {
      write(`envoy ${name} ${page}`, await requestOverSocket(adminSocket, `/${page}`));
    }
  }
  for (const [database, url] of Object.entries(await store.databases())) {
    await using reader = await openReader(url);
    const tables = await reader.query<{ name: string }>(
      `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
       WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'`,
    );
    const views = [...tables, { name: 'pg_stat_activity' }];
    for (const { name } of views) {
      const rows = await reader.query<{ row: string }>(`SELECT t::text AS row FROM ${name} AS t`);
      write(`table ${database} ${name}`, rows.map(({ row }) => `${row}\n`).join(''));
    }
  }
  write('terminal', store.output());
}
