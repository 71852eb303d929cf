import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readResources } from '@meshmart/local-mesh/resources';
import { commonProblems, PROBLEM_TYPE_PREFIX, type ProblemKind } from '@meshmart/service/problems';
import { config } from '@meshmart/toolchain/config';
import { listServices } from './services.ts';

interface Row extends ProblemKind {
  by: string[];
}

/**
 * Renders `docs/reference/problems.md`: every problem with which a service or a proxy can respond, from the
 * services' tables and the mesh's EnvoyFilter.
 *
 * @throws when two services define one type differently
 */
export async function renderProblems(): Promise<string> {
  const services = await listServices();
  const tables = await Promise.all(services.map(async (one) => [one, await readKinds(one)] as const));
  const rows = new Map<string, Row>();
  for (const [source, kinds] of [...tables, [PROXIES, await readProxyKinds()] as const]) {
    for (const [name, kind] of Object.entries(kinds)) {
      const row = rows.get(name) ?? { ...kind, by: [] };
      if (row.status !== kind.status || row.title !== kind.title) {
        throw new Error(`${name} is another problem in ${source} than in ${row.by.join(', ')}`);
      }
      row.by.push(source);
      rows.set(name, row);
    }
  }
  const sorted = [...rows].sort(([a, one], [b, other]) => one.status - other.status || (a < b ? -1 : 1));
  const lines = sorted.map(([name, { status, title, by }]) => {
    const answeredBy = by.join(', ').replace(services.join(', '), 'every service');
    return `| \`${name}\` | ${status} | ${title} | ${answeredBy} |`;
  });
  return `${HEAD}${lines.join('\n')}\n`;
}

const PROXIES = 'the proxies';

const HEAD = `# Problems

\`./meshmart generate\` writes this page from the services' tables (\`services/*/src/problems.ts\`, and
the common one in \`packages/service\`) and from \`mesh/istio/edge.yaml\`.

Every refusal is \`application/problem+json\` (RFC 9457). Branch on its \`type\`:
\`${PROBLEM_TYPE_PREFIX}\` followed by a name from this table. Several problems share a
status. \`detail\` says more if there is more to say, \`errors\` points at the invalid parts of the
request, and \`traceId\` identifies the request in logs and traces. A proxy's problem has only \`type\`,
\`title\` and \`status\`; its \`type\` is \`about:blank\` if the status says everything. Under \`/shop\`,
the storefront shows a page instead.

| type | status | title | sent by |
|---|---|---|---|
`;

async function readKinds(service: string): Promise<Record<string, ProblemKind>> {
  const file = join(config.root, 'services', service, 'src/problems.ts');
  if (!existsSync(file)) return commonProblems;
  return (await import(pathToFileURL(file).href)).problem.kinds;
}

interface Mapper {
  body_format_override: { json_format: { type: string; title: string; status: number } };
}

/** Reads the problems with which the proxies themselves respond. */
async function readProxyKinds(): Promise<Record<string, ProblemKind>> {
  const { envoyFilters } = await readResources([join(config.root, 'mesh/istio/edge.yaml')]);
  const merged = envoyFilters.flatMap(({ spec }) =>
    spec.configPatches.map(({ patch }) => patch.value.typed_config.local_reply_config),
  );
  const { mappers } = merged.find(Boolean) as { mappers: Mapper[] };
  const problems = mappers.map(({ body_format_override: { json_format } }) => json_format);
  return Object.fromEntries(
    problems
      .filter(({ type }) => type.startsWith(PROBLEM_TYPE_PREFIX))
      .map(({ type, title, status }) => [type.slice(PROBLEM_TYPE_PREFIX.length), { title, status }]),
  );
}
