import type { Json } from './dump.ts';

type Fields = { [field: string]: Json };

/** What protojson leaves out because it is the default of its field. */
const DEFAULTS: Record<string, Json> = {
  append_action: 'APPEND_IF_EXISTS_OR_ADD',
  lb_policy: 'ROUND_ROBIN',
  action: 'ALLOW',
  numerator: 0,
  value: 0,
  denominator: 'HUNDRED',
};

const isEmptyList = (field: unknown) => Array.isArray(field) && field.length === 0;

/** What Envoy adds to the endpoints that it was sent when it tells of them. */
const ADDED_BY_ENVOY: Record<string, string> = {
  health_check_config: '{}',
  policy: '{"overprovisioning_factor":140}',
};

/** Lists whose order means nothing. */
const UNORDERED = new Set(['domains', 'virtual_hosts', 'lb_endpoints', 'match_subject_alt_names']);

const ADDRESS = '(address)';
/** Of what one side has in a way of its own it is told only that it is there. */
const SUMMARIES: Record<string, Json> = {
  // The platform locally, istiod and pilot-agent on a cluster.
  sds_config: '(source)',
  config_source: '(source)',
  tracing: '(tracing)',
};
const ipAddress = /^\d+\.\d+\.\d+\.\d+$/;

/** One form for what means the same on both platforms; what differs for a reason is left to `differences.ts`. */
export function normalise(value: unknown): Json {
  if (Array.isArray(value)) return value.map(normalise);
  if (typeof value !== 'object' || value === null) return value as Json;
  const names = Object.keys(value).sort(); // istiod itself sends them in any order
  const fields = names.map((name) => [name, (value as Record<string, unknown>)[name]] as const);
  const kept = fields.filter(([name, field]) => !isNoise(name, field));
  return Object.fromEntries(kept.map(([name, field]) => [name, normaliseField(name, field)]));
}

function isNoise(name: string, field: unknown): boolean {
  if (field === undefined || isEmptyList(field)) return true;
  return DEFAULTS[name] === field || ADDED_BY_ENVOY[name] === JSON.stringify(field);
}

function normaliseField(name: string, field: unknown): Json {
  // protojson writes 64 bits as text.
  if (name === 'host_selection_retry_max_attempts') return Number(field);
  if (name === 'address' && isAddress(field)) return ADDRESS;
  if (name in SUMMARIES) return SUMMARIES[name] as Json;
  if (name === 'domains') return (field as string[]).map(withoutAddress).sort();
  const normalised = normalise(field);
  return UNORDERED.has(name) && Array.isArray(normalised) ? normalised.sort(byText) : normalised;
}

function isAddress(field: unknown): boolean {
  return typeof field === 'object' && field !== null && ('socket_address' in field || 'pipe' in field);
}

function withoutAddress(domain: string): string {
  return ipAddress.test(domain) ? ADDRESS : domain;
}

function byText(a: Json, b: Json): number {
  return textOf(a) < textOf(b) ? -1 : 1;
}

/** What it is sorted by: its name, where it has one. */
function textOf(value: Json): string {
  const { name } = Object(value) as Fields;
  return typeof name === 'string' ? name : JSON.stringify(value);
}
