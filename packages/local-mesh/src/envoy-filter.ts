import Type, { type Static } from 'typebox';
import type { Any, EnvoyMessage, Extension } from './envoy.ts';
import { CONNECTION_MANAGER, CONNECTION_MANAGER_TYPE } from './http-connection-manager.ts';
import { hasLabels, SelectorLabels } from './labels.ts';
import { withOrigin } from './origins.ts';
import type { Resource } from './resource.ts';
import { closed } from './schema.ts';

/** Envoy's own configuration, which passes unchanged; Envoy itself validates it. */
const TypedConfig = Type.Intersect([
  Type.Object({ '@type': Type.String({ pattern: '^type\\.googleapis\\.com/' }) }),
  Type.Record(Type.String(), Type.Unknown()),
]);

const ConfigPatch = Type.Refine(
  closed({
    applyTo: Type.Enum(['NETWORK_FILTER', 'HTTP_FILTER']),
    match: closed({
      context: Type.Optional(Type.Enum(['ANY', 'GATEWAY', 'SIDECAR_INBOUND', 'SIDECAR_OUTBOUND'])),
      listener: closed({
        filterChain: closed({ filter: closed({ name: Type.Literal(CONNECTION_MANAGER) }) }),
      }),
    }),
    patch: closed({
      operation: Type.Enum(['MERGE', 'INSERT_FIRST']),
      value: closed({ name: Type.Optional(Type.String({ minLength: 1 })), typed_config: TypedConfig }),
    }),
  }),
  ({ applyTo, patch: { operation, value } }) =>
    applyTo === 'NETWORK_FILTER'
      ? operation === 'MERGE' && !value.name && value.typed_config['@type'] === CONNECTION_MANAGER_TYPE
      : operation === 'INSERT_FIRST' && value.name !== undefined,
  () =>
    `the local platform supports NETWORK_FILTER with MERGE and a nameless ${CONNECTION_MANAGER_TYPE}, and HTTP_FILTER with INSERT_FIRST and a name; use one of them, or run it with --on cluster`,
);

export const EnvoyFilterSpec = closed({
  workloadSelector: Type.Optional(closed({ labels: Type.Optional(SelectorLabels) })),
  configPatches: Type.Array(ConfigPatch, { minItems: 1 }),
});
export type EnvoyFilterSpec = Static<typeof EnvoyFilterSpec>;

interface PatchTarget {
  context: 'GATEWAY' | 'SIDECAR_INBOUND' | 'SIDECAR_OUTBOUND';
  /** Labels of the workload. */
  labels: Record<string, string>;
}

/**
 * Returns an HTTP connection manager with the patches of all EnvoyFilters that select its workload and context.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/envoyfilter/listener_patch.go#L438
 *
 * @param filters oldest first
 */
export function patchConnectionManager(
  manager: Extension,
  filters: Resource<EnvoyFilterSpec>[],
  { context, labels }: PatchTarget,
): Extension {
  let config = manager.typed_config;
  for (const resource of filters) {
    const { workloadSelector, configPatches } = resource.spec;
    if (!hasLabels(labels, workloadSelector?.labels ?? {})) continue;
    for (const [index, { match, patch }] of configPatches.entries()) {
      if (![undefined, 'ANY', context].includes(match.context)) continue;
      const mark = <Part>(part: Part): Part =>
        isMessage(part)
          ? withOrigin({ ...part }, resource, `spec.configPatches[${index}].patch.value`)
          : part;
      if (patch.operation === 'MERGE') config = merge(config, patch.value.typed_config, mark) as Any;
      else config = { ...config, http_filters: [mark(patch.value), ...(config.http_filters as unknown[])] };
    }
  }
  return { ...manager, typed_config: config };
}

/** Merges as protobuf does: messages field by field, lists by appending; any other value is replaced. */
function merge(into: unknown, from: unknown, mark: <Part>(part: Part) => Part): unknown {
  if (Array.isArray(into) && Array.isArray(from)) return [...into, ...from.map(mark)];
  if (!isMessage(into) || !isMessage(from)) return mark(from);
  const merged = Object.entries(from).map(([name, field]) => [name, merge(into[name], field, mark)]);
  return { ...into, ...Object.fromEntries(merged) };
}

function isMessage(value: unknown): value is EnvoyMessage {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
