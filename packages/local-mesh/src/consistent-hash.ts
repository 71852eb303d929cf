import Type, { type Static } from 'typebox';
import { Duration, toProtoDuration } from './duration.ts';
import type { Cluster, HashPolicy } from './envoy.ts';
import { closed } from './schema.ts';

const Name = Type.String({ minLength: 1 });

const Cookie = closed({
  name: Name,
  path: Type.Optional(Type.String()),
  /** Zero makes a session cookie. */
  ttl: Type.Optional(Type.Union([Duration, Type.Literal('0s')])),
});

/** https://github.com/istio/istio/blob/eed52ebb66ad/pkg/config/validation/validation.go#L1246 */
const TableSize = Type.Refine(
  Type.Integer({ minimum: 2, maximum: 5_000_010 }),
  isPrime,
  () => 'must be a prime number below 5000011, such as 65537; correct it',
);

/** https://github.com/istio/istio/blob/eed52ebb66ad/pkg/config/validation/validation.go#L1210 */
export const ConsistentHash = Type.Refine(
  closed({
    httpHeaderName: Type.Optional(Name),
    httpCookie: Type.Optional(Cookie),
    useSourceIp: Type.Optional(Type.Boolean()),
    httpQueryParameterName: Type.Optional(Name),
    ringHash: Type.Optional(closed({ minimumRingSize: Type.Optional(Type.Integer({ minimum: 0 })) })),
    maglev: Type.Optional(closed({ tableSize: TableSize })),
  }),
  ({ ringHash, maglev, ...keys }) => Object.keys(keys).length <= 1 && !(ringHash && maglev),
  () => 'has more than one key or algorithm; keep one of each',
);
export type ConsistentHash = Static<typeof ConsistentHash>;

function isPrime(number: number): boolean {
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return number > 1;
}

/**
 * Translates the algorithm. A ring of 1,024 entries is the default.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/cluster_traffic_policy.go#L556
 */
export function hashingSettings({
  ringHash,
  maglev,
}: ConsistentHash): Pick<Cluster, 'lb_policy' | 'ring_hash_lb_config' | 'maglev_lb_config'> {
  if (maglev) return { lb_policy: 'MAGLEV', maglev_lb_config: { table_size: String(maglev.tableSize) } };
  const size = ringHash ? ringHash.minimumRingSize : 1024;
  return {
    lb_policy: 'RING_HASH',
    ...(size && { ring_hash_lb_config: { minimum_ring_size: String(size) } }),
  };
}

/**
 * Translates the key, by which a route hashes its requests. Without one, each request goes to any instance.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/route/route.go#L1467
 */
export function hashPolicies({
  httpHeaderName,
  httpCookie,
  useSourceIp,
  httpQueryParameterName,
}: ConsistentHash = {}): HashPolicy[] {
  if (httpHeaderName) return [{ header: { header_name: httpHeaderName } }];
  if (httpCookie) {
    const { ttl, ...cookie } = httpCookie;
    return [{ cookie: { ...cookie, ...(ttl !== undefined && { ttl: toProtoDuration(ttl) }) } }];
  }
  if (useSourceIp !== undefined) return [{ connection_properties: { source_ip: useSourceIp } }];
  if (httpQueryParameterName) return [{ query_parameter: { name: httpQueryParameterName } }];
  return [];
}
