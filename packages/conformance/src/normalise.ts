import type { Json } from './dump.ts';

type Fields = { [field: string]: Json };

/** Default values, which protojson omits. */
const DEFAULTS: Record<string, Json> = {
  append_action: 'APPEND_IF_EXISTS_OR_ADD',
  lb_policy: 'ROUND_ROBIN',
  action: 'ALLOW',
  numerator: 0,
  value: 0,
  denominator: 'HUNDRED',
};

const isEmptyList = (field: unknown) => Array.isArray(field) && field.length === 0;

/** Fields that Envoy adds to endpoints in its config dump. */
const ADDED_BY_ENVOY: Record<string, string> = {
  health_check_config: '{}',
  policy: '{"overprovisioning_factor":140}',
};

/** Lists whose order has no meaning. */
const UNORDERED = new Set(['domains', 'virtual_hosts', 'lb_endpoints', 'match_subject_alt_names']);

const ADDRESS = '(address)';
/** Fields whose content differs by design, and which are therefore only compared by their presence. */
const SUMMARIES: Record<string, Json> = {
  // The source is the platform locally, and istiod or pilot-agent on a cluster.
  sds_config: '(source)',
  config_source: '(source)',
  tracing: '(tracing)',
};
const ipAddress = /^\d+\.\d+\.\d+\.\d+$/;

/** Brings configuration of equal meaning into one form. Differences with a reason are left to `differences.ts`. */
export function normalise(value: unknown): Json {
  if (Array.isArray(value)) return value.map(normalise);
  if (typeof value !== 'object' || value === null) return value as Json;
  const names = Object.keys(value).sort(); // istiod sends them in any order
  const fields = names.map((name) => [name, (value as Record<string, unknown>)[name]] as const);
  const kept = fields.filter(([name, field]) => !isNoise(name, field));
  return Object.fromEntries(kept.map(([name, field]) => [name, normaliseField(name, field)]));
}

function isNoise(name: string, field: unknown): boolean {
  if (field === undefined || isEmptyList(field)) return true;
  return DEFAULTS[name] === field || ADDED_BY_ENVOY[name] === JSON.stringify(field);
}

function normaliseField(name: string, field: unknown): Json {
  // protojson writes 64-bit numbers as text.
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

/** Returns the text to sort by: the name, if there is one. */
function textOf(value: Json): string {
  const { name } = Object(value) as Fields;
  return typeof name === 'string' ? name : JSON.stringify(value);
}
