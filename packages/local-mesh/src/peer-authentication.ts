import Type, { type Static } from 'typebox';
import { MESH_ALPN } from './defaults.ts';
import type { EnvoyMessage } from './envoy.ts';
import { isNamespaceWide, selects, WorkloadSelector } from './labels.ts';
import type { Resource } from './resources.ts';
import { closed } from './schema.ts';

export const PeerAuthenticationSpec = closed({
  selector: Type.Optional(WorkloadSelector),
  mtls: Type.Optional(closed({ mode: Type.Optional(Type.Enum(['UNSET', 'PERMISSIVE', 'STRICT'])) })),
});
export type PeerAuthenticationSpec = Static<typeof PeerAuthenticationSpec>;

export type MutualTlsMode = 'PERMISSIVE' | 'STRICT';

type Policy = Resource<PeerAuthenticationSpec>;

/**
 * Returns the policies in force for a workload: the oldest that selects it by labels, then the oldest for the namespace.
 * Source: pilot/pkg/security/authn/policy_applier.go, ComposePeerAuthentication.
 *
 * @param policies oldest first
 */
export function policiesInForce(policies: Policy[], labels: Record<string, string>): Policy[] {
  const binding = policies.filter(({ spec }) => selects(spec.selector, labels));
  const own = binding.find(({ spec }) => !isNamespaceWide(spec.selector));
  const namespaceWide = binding.find(({ spec }) => isNamespaceWide(spec.selector));
  return [own, namespaceWide].filter((policy) => policy !== undefined);
}

/** Returns the first mode that is set by the policies in force, and PERMISSIVE without one. */
export function mutualTlsMode(policies: Policy[], labels: Record<string, string>): MutualTlsMode {
  const modes = policiesInForce(policies, labels).map(({ spec }) => spec.mtls?.mode ?? 'UNSET');
  return modes.find((mode) => mode !== 'UNSET') ?? 'PERMISSIVE';
}

/**
 * The filter chains of a sidecar's inbound listener. STRICT has a chain for TLS only, so plain text finds none and is cut;
 * PERMISSIVE tells mesh TLS by its ALPN and takes plain text too.
 */
export function inboundFilterChains(
  mode: MutualTlsMode,
  chain: { name: string; filters: EnvoyMessage[]; transportSocket: EnvoyMessage },
): EnvoyMessage[] {
  const { name, filters, transportSocket } = chain;
  const tls = { name, filters, transport_socket: transportSocket };
  if (mode === 'STRICT') return [{ filter_chain_match: { transport_protocol: 'tls' }, ...tls }];
  return [
    { filter_chain_match: { transport_protocol: 'tls', application_protocols: MESH_ALPN }, ...tls },
    { filter_chain_match: { transport_protocol: 'raw_buffer' }, name, filters },
  ];
}
