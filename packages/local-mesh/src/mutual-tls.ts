import { INBOUND_CIPHER_SUITES, TLS_VERSIONS } from './defaults.ts';
import { type EnvoyMessage, typed } from './envoy.ts';
import { XDS_SOURCE } from './xds.ts';

/** Names of the secrets, as pilot-agent serves them. */
export const WORKLOAD_SECRET = 'default';
export const ROOT_SECRET = 'ROOTCA';

/** The callee's end: a certificate of this trust domain is required. Source: pilot/pkg/security/authn/utils, BuildInboundTLS. */
export function inboundTls(trustDomain: string): EnvoyMessage {
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
 * The caller's end of auto mTLS: TLS to endpoints that say they have a sidecar, with a check that the callee is who it should be.
 * Source: pilot/pkg/networking/core/cluster_tls.go, buildUpstreamClusterTLSContext.
 */
export function outboundTls(callee: { identities: string[]; host: string; subset: string }): EnvoyMessage[] {
  const tls = typed('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
    common_tls_context: {
      tls_params: TLS_VERSIONS,
      ...secrets(callee.identities.map((exact) => ({ exact }))),
      alpn_protocols: ['istio'],
    },
    sni: `outbound_.80_.${callee.subset}_.${callee.host}`,
  });
  return [
    {
      name: 'tlsMode-istio',
      match: { tlsMode: 'istio' },
      transport_socket: { name: 'envoy.transport_sockets.tls', typed_config: tls },
    },
    {
      name: 'tlsMode-disabled',
      match: {},
      transport_socket: {
        name: 'envoy.transport_sockets.raw_buffer',
        typed_config: typed('envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer'),
      },
    },
  ];
}

function secrets(subjectAltNames: EnvoyMessage[]): EnvoyMessage {
  const secret = (name: string) => ({ name, sds_config: XDS_SOURCE });
  return {
    tls_certificate_sds_secret_configs: [secret(WORKLOAD_SECRET)],
    combined_validation_context: {
      default_validation_context: { match_subject_alt_names: subjectAltNames },
      validation_context_sds_secret_config: secret(ROOT_SECRET),
    },
  };
}
