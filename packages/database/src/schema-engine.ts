import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

const schemaEngineUrl = import.meta.resolve('@prisma/schema-engine-wasm/schema_engine_bg');
const LOCK_TIMEOUT_MS = 2000;
let loading: Promise<void> | undefined;

/**
 * Runs `use` with Prisma's schema engine on one database. The engine is the WebAssembly build of the one that `prisma
 * migrate` downloads; without a bundler, its `.wasm` file has to be loaded by hand.
 */
export async function withSchemaEngine<T>(
  databaseUrl: string,
  schema: { path: string; text: string },
  use: (engine: bindings.SchemaEngine) => Promise<T>,
): Promise<T> {
  loading ??= loadBindings();
  await loading;
  // The engine's lock is held until its connection closes, so the pool is closed here. The lock timeout is short
  // because a statement that waits for a lock blocks all later ones, even reads.
  const pool = new pg.Pool({ connectionString: databaseUrl, lock_timeout: LOCK_TIMEOUT_MS });
  const engine = await bindings.SchemaEngine.new(
    { datamodels: [[schema.path, schema.text]] },
    () => {},
    bindMigrationAwareSqlAdapterFactory(new WholeScripts(pool)),
  );
  try {
    return await use(engine);
  } finally {
    engine.free();
    await pool.end();
  }
}

/**
 * Sends a migration as one query, which PostgreSQL runs as one transaction. Prisma's adapter splits it at every
 * semicolon, even in a function's body or a comment, and a failure would leave the migration half applied.
 */
class WholeScripts extends PrismaPg {
  override async connect() {
    const adapter = await super.connect();
    const runStatement = adapter.executeRaw.bind(adapter);
    adapter.executeScript = async (sql) => {
      await runStatement({ sql, args: [], argTypes: [] });
    };
    return adapter;
  }
}

async function loadBindings(): Promise<void> {
  const wasm = await readFile(fileURLToPath(new URL('schema_engine_bg.wasm', schemaEngineUrl)));
  const { instance } = await WebAssembly.instantiate(wasm, { './schema_engine_bg.js': withPatientTimers() });
  bindings.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
}

/** Unrefs the engine's timers: the 10 s timer of its lock would otherwise delay the exit of the process. */
function withPatientTimers(): Record<string, unknown> {
  const name = Object.keys(bindings).find((key) => key.startsWith('__wbg_setTimeout_'));
  if (!name) throw new Error('this version of the schema engine has no setTimeout import');
  return { ...bindings, [name]: (done: () => void, ms: number) => setTimeout(done, ms).unref() };
}

/** TypeScript declares it only together with the types of a browser. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, unknown>,
  ): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
};
