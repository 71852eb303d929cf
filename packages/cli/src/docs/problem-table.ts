import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { commonProblems, PROBLEM_TYPE_PREFIX, type ProblemKind } from '@meshmart/service/problems';
import { config } from '../config.ts';
import { listServices } from './services.ts';

interface Row extends ProblemKind {
  services: string[];
}

/**
 * `docs/problems.md`: every problem that a service of the store can answer with, out of the services' own tables.
 *
 * @throws when two services mean different things by one type
 */
export async function renderProblems(): Promise<string> {
  const services = await listServices();
  const rows = new Map<string, Row>();
  for (const service of services) {
    for (const [name, kind] of Object.entries(await readKinds(service))) {
      const row = rows.get(name) ?? { ...kind, services: [] };
      if (row.status !== kind.status || row.title !== kind.title) {
        throw new Error(`${name} is another problem in ${service} than in ${row.services.join(', ')}`);
      }
      row.services.push(service);
      rows.set(name, row);
    }
  }
  const sorted = [...rows].sort(([a, one], [b, other]) => one.status - other.status || (a < b ? -1 : 1));
  const lines = sorted.map(([name, { status, title, services: by }]) => {
    const answeredBy = by.length === services.length ? 'every service' : by.join(', ');
    return `| \`${name}\` | ${status} | ${title} | ${answeredBy} |`;
  });
  return `${HEAD}${lines.join('\n')}\n`;
}

const HEAD = `# Problems

Written by \`npm run openapi\` from the services' tables of problems (\`services/*/src/problems.ts\`, and those of
\`packages/service\` that they take over).

Every refusal is \`application/problem+json\` (RFC 9457). Branch on its \`type\`, which is \`${PROBLEM_TYPE_PREFIX}\` with the name
below after it: a status may stand for several problems, and a proxy has statuses of its own. \`detail\` says more where there is
more to say, \`errors\` points into a request that is not valid, and \`traceId\` finds the request again. Under \`/shop\`, storefront
shows a page instead.

| type | status | title | answered by |
|---|---|---|---|
`;

async function readKinds(service: string): Promise<Record<string, ProblemKind>> {
  const file = join(config.root, 'services', service, 'src/problems.ts');
  if (!existsSync(file)) return commonProblems;
  return (await import(pathToFileURL(file).href)).problem.kinds;
}
