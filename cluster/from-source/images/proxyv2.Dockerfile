# As Istio's Dockerfile.proxyv2, with upstream's Envoy in place of Istio's own build.
FROM localhost/meshmart/istio-base:1
COPY envoy_bootstrap.json /var/lib/istio/envoy/envoy_bootstrap_tmpl.json
COPY --from=envoy envoy /usr/local/bin/envoy
COPY pilot-agent /usr/local/bin/pilot-agent
USER 1337:1337
ENTRYPOINT ["/usr/local/bin/pilot-agent"]
