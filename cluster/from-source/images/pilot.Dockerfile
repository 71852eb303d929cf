# As Istio's Dockerfile.pilot.
FROM localhost/meshmart/istio-base:1
COPY pilot-discovery /usr/local/bin/pilot-discovery
USER 1337:1337
ENTRYPOINT ["/usr/local/bin/pilot-discovery"]
