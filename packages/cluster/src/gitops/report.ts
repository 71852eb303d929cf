import { formatTable } from '@meshmart/terminal/table';
import { type Application, isPaused } from './applications.ts';

/** Formats one line per application, followed by what is out of sync or unhealthy. */
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
  const details = applications.flatMap(listProblems);
  const table = formatTable(['application', 'sync', 'health', 'commit', 'last sync'], rows);
  return [table, ...(details.length > 0 ? ['', ...details] : [])].join('\n');
}

/** Formats the history of deployments, newest first. */
export function formatHistory(applications: Application[]): string {
  const rows = applications.flatMap(({ metadata, status }) =>
    (status?.history ?? []).map(({ id, revision, deployedAt, initiatedBy }) => ({
      deployedAt,
      row: [
        formatTime(deployedAt),
        metadata.name,
        String(id),
        shorten(revision),
        initiatedBy?.automated ? 'automatic' : 'manual',
      ],
    })),
  );
  const newestFirst = rows.sort((a, b) => (a.deployedAt < b.deployedAt ? 1 : -1)).map(({ row }) => row);
  return formatTable(['time', 'application', 'id', 'commit', 'started'], newestFirst);
}

function listProblems({ metadata, status = {} }: Application): string[] {
  const { resources = [], conditions = [], operationState } = status;
  const problems = resources.filter(
    ({ status: sync, health }) => sync === 'OutOfSync' || (health && health.status !== 'Healthy'),
  );
  const lines = problems.map(({ kind, name, status: sync, health }) =>
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

/** Shortens an RFC 3339 time in UTC. */
function formatTime(time = ''): string {
  return time.replace('T', ' ').replace('Z', '');
}
