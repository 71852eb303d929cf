import { formatTable } from '@meshmart/terminal/table';
import { type Application, isPaused } from './applications.ts';

/** One line per application, and below them what is not as Git has it, or not healthy. */
export function formatStatus(applications: Application[]): string {
  const rows = applications.map((application) => {
    const { metadata, status = {} } = application;
    const { sync, health, history = [] } = status;
    const paused = isPaused(application) ? ', paused' : '';
    return [
      metadata.name,
      `${sync?.status ?? 'Unknown'}${paused}`,
      health?.status ?? 'Unknown',
      shorten(sync?.revision),
      formatTime(history.at(-1)?.deployedAt),
    ];
  });
  const details = applications.flatMap(describeTroubles);
  const table = formatTable(['application', 'sync', 'health', 'commit', 'last sync'], rows);
  return [table, ...(details.length > 0 ? ['', ...details] : [])].join('\n');
}

/** What was deployed, the newest first. */
export function formatHistory(applications: Application[]): string {
  const rows = applications.flatMap(({ metadata, status }) =>
    (status?.history ?? []).map(({ id, revision, deployedAt, initiatedBy }) => ({
      deployedAt,
      row: [
        formatTime(deployedAt),
        metadata.name,
        String(id),
        shorten(revision),
        initiatedBy?.automated ? 'by itself' : 'by hand',
      ],
    })),
  );
  const newestFirst = rows.sort((a, b) => (a.deployedAt < b.deployedAt ? 1 : -1)).map(({ row }) => row);
  return formatTable(['time', 'application', 'id', 'commit', 'started'], newestFirst);
}

function describeTroubles({ metadata, status = {} }: Application): string[] {
  const { resources = [], conditions = [], operationState } = status;
  const troubles = resources.filter(
    ({ status: sync, health }) => sync === 'OutOfSync' || (health && health.status !== 'Healthy'),
  );
  const lines = troubles.map(({ kind, name, status: sync, health }) =>
    [`${metadata.name}: ${kind} ${name}`, sync, health?.status].filter(Boolean).join(', '),
  );
  const failure = operationState?.phase === 'Failed' || operationState?.phase === 'Error';
  return [
    ...lines,
    ...conditions.map(({ type, message }) => `${metadata.name}: ${type}: ${message}`),
    ...(failure ? [`${metadata.name}: the last sync failed: ${operationState.message}`] : []),
  ];
}

function shorten(revision = ''): string {
  return revision.slice(0, 10);
}

/** RFC 3339 in UTC, to the second. */
function formatTime(time = ''): string {
  return time.replace('T', ' ').replace('Z', '');
}
