import { request } from 'node:http';

const TIMEOUT_MS = 5000;

/**
 * Requests a path of Envoy's admin interface. @returns the response's body
 * @throws when the proxy is not running, has not responded after 5 s, or responds with another status than 200
 */
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
          else reject(new Error(`${adminSocket}: ${path} responded ${response.statusCode}: ${body}`));
        });
      },
    );
    call.on('timeout', () => call.destroy(new Error(`${adminSocket}: no response within ${TIMEOUT_MS} ms`)));
    call.on('error', reject);
    call.end();
  });
}

/**
 * Reads counters and gauges by name, only those that match `filterRegex` (RE2) if it is given.
 * @throws as `readAdmin` does
 */
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

/** Parses the output of `/stats`. @returns values by name */
export function readStats(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.includes(': '));
  return Object.fromEntries(
    lines.map((line) => {
      const end = line.lastIndexOf(': ');
      return [line.slice(0, end), line.slice(end + 2).replace(/^"|"$/g, '')];
    }),
  );
}
