import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { databaseConfig, serviceConfig } from '@meshmart/service/config';
import { config } from '@meshmart/toolchain/config';
import { listServices } from './services.ts';

/** A variable as a JSON Schema. TypeBox marks optional ones with `~optional`. */
interface Variable {
  description?: string;
  default?: string | number;
  '~optional'?: boolean;
}

const HEAD = `# Configuration

\`./meshmart generate\` writes this page from the services' schemas (\`services/*/src/config.ts\`).

## Commands
Options are in \`./meshmart <command> --help\`. These variables apply to all commands:

| variable | meaning |
|---|---|
| \`DATABASE_URL\` | PostgreSQL server to use instead of the embedded one. Its role must be allowed to create roles and databases. |
| \`ENVOY_PATH\` | Envoy to use instead of the downloaded one. |
| \`CLUSTER_SOURCES\` | File with sources of charts, manifests and the node image for \`cluster up\` on a machine without a registry: [kind from source](../../tooling/kind-from-source/README.md). |
| \`XDG_CACHE_HOME\` | Downloaded and built tools are in its folder \`meshmart\`. Default: \`~/.cache\`. |
| \`NODE_EXTRA_CA_CERTS\` | CA certificates for downloads and image builds. |
| \`CHROME_PATH\` | Chromium for the tests of the shop. |
| \`OTEL_EXPORTER_OTLP_ENDPOINT\` | Trace collector: see [telemetry](telemetry.md). |

The variables of the tests are in [CONTRIBUTING.md](../../CONTRIBUTING.md).

## Services
The local platform and the charts set these variables. A service with an invalid variable does not start, and names it.
Times are in ms, or in s if the name ends in \`_S\`. Telemetry also reads the standard \`OTEL_*\` variables.

`;

/** Renders `docs/reference/configuration.md` from the services' schemas. */
export async function renderConfiguration(): Promise<string> {
  const common = { ...serviceConfig, ...databaseConfig };
  const tables = [
    renderTable('Every service', serviceConfig),
    renderTable('Services with a database', databaseConfig),
  ];
  for (const service of await listServices()) {
    const file = join(config.root, 'services', service, 'src/config.ts');
    const { configSchema, migrationSchema } = await import(pathToFileURL(file).href);
    const all: Record<string, object> = { ...migrationSchema?.properties, ...configSchema.properties };
    const own = Object.entries(all).filter(([name]) => !Object.hasOwn(common, name));
    if (own.length > 0) tables.push(renderTable(service, Object.fromEntries(own)));
  }
  return HEAD + tables.join('\n');
}

function renderTable(title: string, variables: Record<string, object>): string {
  const rows = Object.entries(variables).map(([name, variable]) => {
    const { description, default: value, '~optional': isOptional } = variable as Variable;
    const byDefault = value === undefined ? (isOptional ? '–' : 'required') : `\`${value}\``;
    return `| \`${name}\` | ${byDefault} | ${description} |\n`;
  });
  return `### ${title}\n| variable | default | meaning |\n|---|---|---|\n${rows.join('')}`;
}
