import Type, { type Static } from 'typebox';
import { MESH_ALPN } from './defaults.ts';
import type { Extension, FilterChain } from './envoy.ts';
import { isNamespaceWide, selects, WorkloadSelector } from './labels.ts';
import type { Resource } from './resource.ts';
import { closed } from './schema.ts';

export const PeerAuthenticationSpec = closed({
  selector: Type.Optional(WorkloadSelector),
  mtls: Type.Optional(closed({ mode: Type.Optional(Type.Enum(['UNSET', 'PERMISSIVE', 'STRICT'])) })),
});
export type PeerAuthenticationSpec = Static<typeof PeerAuthenticationSpec>;

type MutualTlsMode = 'PERMISSIVE' | 'STRICT';

type Policy = Resource<PeerAuthenticationSpec>;

/**
 * Returns the policies in force for a workload: the oldest that selects it by labels, then the oldest for the
 * namespace.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/security/authn/policy_applier.go#L398
 *
 * @param policies oldest first
 */
export function policiesInForce(policies: Policy[], labels: Record<string, string>): Policy[] {
  const binding = policies.filter(({ spec }) => selects(spec.selector, labels));
  const own = binding.find(({ spec }) => !isNamespaceWide(spec.selector));
  const namespaceWide = binding.find(({ spec }) => isNamespaceWide(spec.selector));
  return [own, namespaceWide].filter((policy) => policy !== undefined);
}

/** Returns the mode of mutual TLS for a workload: the first that the policies in force set, or else PERMISSIVE. */
export function mutualTlsMode(policies: Policy[], labels: Record<string, string>): MutualTlsMode {
  const modes = policiesInForce(policies, labels).map(({ spec }) => spec.mtls?.mode ?? 'UNSET');
  return modes.find((mode) => mode !== 'UNSET') ?? 'PERMISSIVE';
}

/**
 * Returns the filter chains of a sidecar's inbound listener. STRICT has a chain for TLS only, so Envoy closes
 * plain-text connections. PERMISSIVE recognises the mesh's TLS by its ALPN and accepts plain text too.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/filterchain_options.go#L186
 */
export function inboundFilterChains(
  mode: MutualTlsMode,
  chain: { name: string; filters: Extension[]; transportSocket: Extension },
): FilterChain[] {
  const { name, filters, transportSocket } = chain;
  const tls: FilterChain = { name, filters, transport_socket: transportSocket };
  if (mode === 'STRICT') return [{ filter_chain_match: { transport_protocol: 'tls' }, ...tls }];
  return [
    { filter_chain_match: { transport_protocol: 'tls', application_protocols: MESH_ALPN }, ...tls },
    { filter_chain_match: { transport_protocol: 'raw_buffer' }, name, filters },
  ];
}
