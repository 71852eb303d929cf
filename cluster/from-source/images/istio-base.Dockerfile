# What Istio's images are made on.
FROM debian:bookworm-slim
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates iptables && rm -rf /var/lib/apt/lists/* /var/cache/apt
