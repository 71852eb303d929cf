# Goes for the official redis, which Argo CD keeps its cache in, where that cannot be had.
FROM debian:bookworm-slim
RUN apt-get update && apt-get install --yes --no-install-recommends redis-server && rm -rf /var/lib/apt/lists/* /var/cache/apt
USER 999:999
WORKDIR /tmp
ENTRYPOINT ["redis-server"]
