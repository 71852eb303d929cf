import { INBOUND_CIPHER_SUITES, TLS_VERSIONS } from './defaults.ts';
import {
  type Cluster,
  type EnvoyMessage,
  type Extension,
  type StringMatcher,
  type TransportSocketMatch,
  typed,
} from './envoy.ts';
import { XDS_SOURCE } from './xds.ts';

/** Names of a proxy's secrets, as pilot-agent serves them. */
export const WORKLOAD_SECRET = 'default';
export const ROOT_SECRET = 'ROOTCA';

/**
 * Returns the callee's side of mutual TLS, which requires a certificate of the trust domain.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/security/authn/utils/utils.go#L40
 */
export function inboundTls(trustDomain: string): Extension {
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: typed('envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', {
      common_tls_context: {
        tls_params: { ...TLS_VERSIONS, cipher_suites: INBOUND_CIPHER_SUITES },
        ...secrets([{ prefix: `spiffe://${trustDomain}/` }]),
        alpn_protocols: ['h2', 'http/1.1'],
      },
      require_client_certificate: true,
    }),
  };
}

/**
 * Returns the caller's side of mutual TLS, which checks the callee's identity. Without a mode it is automatic: TLS to
 * endpoints with a sidecar. A mode of a DestinationRule applies to all endpoints.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/cluster_tls.go#L71
 *
 * @param callee its SPIFFE ids, its full host name, and its subset (empty for the whole service)
 */
export function outboundTls(
  mode: 'DISABLE' | 'ISTIO_MUTUAL' | undefined,
  callee: { identities: string[]; host: string; subset: string },
): Pick<Cluster, 'transport_socket' | 'transport_socket_matches'> {
  if (mode === 'DISABLE') return {};
  const tls = typed('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
    common_tls_context: {
      tls_params: TLS_VERSIONS,
      ...secrets(callee.identities.map((exact) => ({ exact }))),
      alpn_protocols: ['istio'],
    },
    sni: `outbound_.80_.${callee.subset}_.${callee.host}`,
  });
  const transport_socket: Extension = { name: 'envoy.transport_sockets.tls', typed_config: tls };
  if (mode === 'ISTIO_MUTUAL') return { transport_socket };
  const transport_socket_matches: TransportSocketMatch[] = [
    { name: 'tlsMode-istio', match: { tlsMode: 'istio' }, transport_socket },
    {
      name: 'tlsMode-disabled',
      match: {},
      transport_socket: {
        name: 'envoy.transport_sockets.raw_buffer',
        typed_config: typed('envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer'),
      },
    },
  ];
  return { transport_socket_matches };
}

function secrets(subjectAltNames: StringMatcher[]): EnvoyMessage {
  const secret = (name: string) => ({ name, sds_config: XDS_SOURCE });
  return {
    tls_certificate_sds_secret_configs: [secret(WORKLOAD_SECRET)],
    combined_validation_context: {
      default_validation_context: { match_subject_alt_names: subjectAltNames },
      validation_context_sds_secret_config: secret(ROOT_SECRET),
    },
  };
}
