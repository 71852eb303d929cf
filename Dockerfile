# The image of one service:
#
#   docker build --build-arg SERVICE=product -t meshmart/product:0.1.0 .
#
# To pin the base, add --build-arg NODE_IMAGE=docker.io/library/node:24-bookworm-slim@sha256:...
#
# The layers before ARG SERVICE are built once, and all images share them. If npm needs your settings or certificates, pass them as
# secrets: --secret id=npmrc,src=$HOME/.npmrc --secret id=ca,src=ca.pem

# checkov:skip=CKV_DOCKER_2: Kubernetes ignores HEALTHCHECK, and the charts have probes
ARG NODE_IMAGE=node:24-bookworm-slim

# Only the files that define dependencies and Prisma's clients, so that other changes do not rebuild those.
FROM $NODE_IMAGE AS manifests
WORKDIR /app
COPY . .
RUN find . -type f ! -name 'package*.json' ! -name .npmrc ! -name prisma.config.ts ! -path '*/prisma/*' -delete

# Production dependencies. They include Prisma's generator, a peer of the client. npm 11 sometimes waits forever for a package that it
# already has; the second attempt finds the others in the cache.
FROM $NODE_IMAGE AS modules
WORKDIR /app
COPY --from=manifests /app .
RUN --mount=type=cache,target=/root/.npm --mount=type=secret,id=npmrc,target=/root/.npmrc --mount=type=secret,id=ca \
    export NODE_EXTRA_CA_CERTS=/run/secrets/ca && { timeout 300 npm ci --omit=dev || npm ci --omit=dev; }
# `prisma generate` never runs Prisma's engine, but would download it if there were none.
RUN for config in services/*/prisma.config.ts; do \
      (cd "$(dirname "$config")" && PRISMA_SCHEMA_ENGINE_BINARY=/bin/true CHECKPOINT_DISABLE=1 npx prisma generate) || exit 1; \
    done
# Removes optional dependencies: Prisma's tools and the embedded PostgreSQL. argon2's binary is also optional, and is kept. Also
# removes Prisma's runtimes for other databases, source maps and type declarations.
RUN cp -r node_modules/@node-rs /tmp/ \
    && npm prune --omit=dev --omit=optional \
    && cp -rn /tmp/@node-rs node_modules/ \
    && find node_modules/@prisma/client/runtime -name '*_compiler_*' ! -name '*_fast_bg.postgresql.*' -delete \
    && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

# The parts of a system that Node and its addons need: the libraries that they are linked with, and a user who owns only a cache.
FROM modules AS system
RUN mkdir -p /system/etc /system/usr/local/bin /cache \
    && cp /usr/local/bin/node /system/usr/local/bin/ \
    && ldd /usr/local/bin/node $(find node_modules -name '*.node') | grep -oE '/lib[^ ]+\.so[^ ]*' | sort --unique \
      | xargs -I{} cp --dereference --parents {} /system \
    && echo 'nonroot:x:65532:65532:nonroot:/:/sbin/nologin' > /system/etc/passwd

FROM scratch
COPY --from=system /system /
COPY --from=modules /app/node_modules /app/node_modules
COPY packages /app/packages
ARG SERVICE
COPY --from=modules /app/services/$SERVICE /app/services/$SERVICE
COPY services/$SERVICE /app/services/$SERVICE
COPY --from=system --chown=65532:65532 /cache /var/cache/node
ENV PATH=/usr/local/bin NODE_COMPILE_CACHE=/var/cache/node
USER 65532:65532
WORKDIR /app/services/$SERVICE
LABEL org.opencontainers.image.title="meshmart/$SERVICE" \
      org.opencontainers.image.description="The service $SERVICE of Meshmart, a small online store behind Envoy sidecars" \
      org.opencontainers.image.licenses="Apache-2.0"
# Fills the cache with what the service and its migration compile. It is kept per user, and read only in the container.
RUN ["node", "--import", "@meshmart/telemetry/register", "--input-type=module", "--eval", \
  "process.stdout.write = () => true; await import('./src/openapi.ts'); await import('@meshmart/database/migrate');"]
EXPOSE 8080
CMD ["node", "--import", "@meshmart/telemetry/register", "src/server.ts"]
