import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: PlanNode[];
}

/** An executed statement with the row counts of its plan (`auto_explain`). */
interface ExecutedPlan {
  'Query Text': string;
  Plan: PlanNode;
}

/** Below this, a table is a page or two, and a sequential scan of it is no waste. */
const SMALL_TABLE_ROWS = 100;

/**
 * Creates a Prisma adapter that records the plan of every statement.
 *
 * @param adminUrl a superuser's URL, since only a superuser may load `auto_explain`
 */
export function createExplainingAdapter(adminUrl: string, databaseUrl: string) {
  const url = new URL(adminUrl);
  url.pathname = new URL(databaseUrl).pathname;
  const settings = { log_min_duration: 0, log_analyze: 'on', log_format: 'json', log_level: 'notice' };
  const options = Object.entries(settings).map(([name, value]) => `-c auto_explain.${name}=${value}`);
  const pool = new pg.Pool({
    connectionString: url.href,
    options: ['-c session_preload_libraries=auto_explain', '-c TimeZone=UTC', ...options].join(' '),
  });
  const plans: ExecutedPlan[] = [];
  pool.on('connect', (client) => {
    client.on('notice', ({ message = '' }) => {
      const [, plan] = /^duration: .* plan:\n(\{.*\})$/s.exec(message) ?? [];
      if (plan) plans.push(JSON.parse(plan));
    });
  });
  return {
    adapter: new PrismaPg(pool, { disposeExternalPool: true }),
    /** Returns the plans since the last call. */
    takePlans: () => plans.splice(0),
  };
}

/** Returns one line per sequential scan, and one if the statement reads more than ten rows for each returned one. */
export function findWaste({ 'Query Text': query, Plan: root }: ExecutedPlan, returned: number): string[] {
  const scans = listNodes(root).filter((node) => node['Relation Name'] && /Scan$/.test(node['Node Type']));
  const sequential = scans.filter(
    (node) => node['Node Type'] === 'Seq Scan' && countRows(node) >= SMALL_TABLE_ROWS,
  );
  const read = scans.reduce((sum, node) => sum + countRows(node), 0);
  return [
    ...sequential.map((node) => `sequential scan of ${node['Relation Name']}: ${query}`),
    ...(read > 10 * Math.max(1, returned) ? [`${read} rows read for ${returned}: ${query}`] : []),
  ];
}

function listNodes(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(listNodes)];
}

/** Counts the rows that a scan read in all its loops, including rows that it filtered out. */
function countRows(node: PlanNode): number {
  const thrownAway = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  return (node['Actual Rows'] + thrownAway) * node['Actual Loops'];
}
