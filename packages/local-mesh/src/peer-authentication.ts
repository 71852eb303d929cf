import Type, { type Static } from 'typebox';
import { MESH_ALPN } from './defaults.ts';
import type { EnvoyMessage } from './envoy.ts';
import { selects, WorkloadSelector } from './labels.ts';
import type { Resource } from './resources.ts';
import { closed } from './schema.ts';

export const PeerAuthenticationSpec = closed({
  selector: Type.Optional(WorkloadSelector),
  mtls: Type.Optional(closed({ mode: Type.Optional(Type.Enum(['UNSET', 'PERMISSIVE', 'STRICT'])) })),
});
export type PeerAuthenticationSpec = Static<typeof PeerAuthenticationSpec>;

export type MutualTlsMode = 'PERMISSIVE' | 'STRICT';

/**
 * The mode that binds a workload: a policy that selects it goes before the namespace's, and without both it is PERMISSIVE.
 * Source: pilot/pkg/security/authn/policy_applier.go, ComposePeerAuthentication.
 */
export function mutualTlsMode(
  policies: Resource<PeerAuthenticationSpec>[],
  labels: Record<string, string>,
): MutualTlsMode {
  const own = policies.find(({ spec }) => spec.selector && selects(spec.selector, labels));
  const namespaceWide = policies.find(({ spec }) => !spec.selector);
  const modes = [own, namespaceWide].map((policy) => policy?.spec.mtls?.mode ?? 'UNSET');
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
