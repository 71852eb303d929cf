import { requestOverSocket } from '@meshmart/local-platform/control/client';

/** Reads an instance's request counts by `METHOD /route` and status; `undefined` stands for no route. */
type RequestCounts = Map<string, Record<string, number>>;

export async function readRequestCounts(socket: string): Promise<RequestCounts> {
  const page = await requestOverSocket(socket, '/metrics');
  const counts: RequestCounts = new Map();
  for (const [, labels = '', count] of page.matchAll(
    /^http_server_request_duration_count\{(.*)\} (\d+)$/gm,
  )) {
    const label = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(labels)?.[1];
    const route = `${label('http_request_method')} ${label('http_route')}`;
    const status = String(label('http_response_status_code'));
    const known = counts.get(route) ?? {};
    counts.set(route, { ...known, [status]: (known[status] ?? 0) + Number(count) });
  }
  return counts;
}
