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
 * Lends Prisma's schema engine on one database. It is the WebAssembly build of the engine that `prisma migrate` downloads,
 * loaded by hand because Node has no bundler to import the `.wasm` file.
 */
export async function withSchemaEngine<T>(
  databaseUrl: string,
  schema: { path: string; text: string },
  use: (engine: bindings.SchemaEngine) => Promise<T>,
): Promise<T> {
  loading ??= loadBindings();
  await loading;
  // The engine's own lock belongs to its connection and is held until that is closed, so the pool is ours to end.
  // A statement that waits for a lock makes everybody wait who comes after it, readers too.
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
 * Sends a migration as one query, which PostgreSQL runs as one transaction. Prisma's own adapter cuts it at every semicolon, also
 * within a function's body or a comment, and leaves the first half behind when the second one fails.
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

/** The engine leaves the ten-second timer of its lock behind, which must not hold up a process that has done its work. */
function withPatientTimers(): Record<string, unknown> {
  const name = Object.keys(bindings).find((key) => key.startsWith('__wbg_setTimeout_'));
  if (!name) throw new Error('this version of the schema engine sets its timers in another way');
  return { ...bindings, [name]: (done: () => void, ms: number) => setTimeout(done, ms).unref() };
}

/** Node has it, but TypeScript describes it only together with a browser's window and document. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, unknown>,
  ): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
};
