import { request } from 'node:http';

const TIMEOUT_MS = 5000;

/** Reads a path of Envoy's admin interface. @throws when the proxy is not running or answers other than 200. */
export function readAdmin(adminSocket: string, path: string, method = 'GET'): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request(
      { socketPath: adminSocket, path, method, timeout: TIMEOUT_MS, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const body = Buffer.concat(chunks).toString('utf8');
          if (response.statusCode === 200) resolve(body);
          else reject(new Error(`${adminSocket}: ${path} answered ${response.statusCode}: ${body}`));
        });
      },
    );
    call.on('timeout', () => call.destroy(new Error(`${adminSocket}: no answer in ${TIMEOUT_MS} ms`)));
    call.on('error', reject);
    call.end();
  });
}

/** Counters and gauges by name, those that match `filterRegex` (RE2) when it is given. */
export async function readCounters(
  adminSocket: string,
  filterRegex?: string,
): Promise<Record<string, number>> {
  const filter = filterRegex === undefined ? '' : `&filter=${encodeURIComponent(filterRegex)}`;
  const [counters, gauges] = await Promise.all([
    readAdmin(adminSocket, `/stats?type=Counters${filter}`),
    readAdmin(adminSocket, `/stats?type=Gauges${filter}`),
  ]);
  const stats = { ...readStats(counters), ...readStats(gauges) };
  return Object.fromEntries(Object.entries(stats).map(([name, value]) => [name, Number(value)]));
}

/** Statistics by name, as `/stats` prints them. */
export function readStats(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.includes(': '));
  return Object.fromEntries(
    lines.map((line) => {
      const end = line.lastIndexOf(': ');
      return [line.slice(0, end), line.slice(end + 2).replace(/^"|"$/g, '')];
    }),
  );
}
