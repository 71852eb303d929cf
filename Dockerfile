# The image of one service:
#
#   docker build --build-arg SERVICE=product -t meshmart/product:0.1.0 .
#
# What all services share comes before SERVICE is looked at: it is built once, and the images have those layers in common. Where npm
# needs settings or certificates of yours, they are secrets: --secret id=npmrc,src=$HOME/.npmrc --secret id=ca,src=ca.pem

# What dependencies and Prisma's clients are made from, so that a change of anything else leaves them as they are.
FROM node:24-bookworm-slim AS manifests
WORKDIR /app
COPY . .
RUN find . -type f ! -name 'package*.json' ! -name .npmrc ! -name prisma.config.ts ! -path '*/prisma/*' -delete

# Production dependencies, in which npm leaves Prisma's generator, since it is a peer of the client. npm 11 now and then waits for ever
# for a package that it has got already; what it has by then is in its cache.
FROM node:24-bookworm-slim AS modules
WORKDIR /app
COPY --from=manifests /app .
RUN --mount=type=cache,target=/root/.npm --mount=type=secret,id=npmrc,target=/root/.npmrc --mount=type=secret,id=ca \
    export NODE_EXTRA_CA_CERTS=/run/secrets/ca && { timeout 300 npm ci --omit=dev || npm ci --omit=dev; }
# Generating never runs Prisma's engine, it only insists that there is one, and would download it.
RUN for config in services/*/prisma.config.ts; do \
      (cd "$(dirname "$config")" && PRISMA_SCHEMA_ENGINE_BINARY=/bin/true CHECKPOINT_DISABLE=1 npx prisma generate) || exit 1; \
    done
# Leaving out what is optional rids the tree of Prisma's tools and of the embedded PostgreSQL, but argon2 is chosen for the machine
# by an optional dependency, too. Nobody debugs Prisma or its clients for other databases in here.
RUN cp -r node_modules/@node-rs /tmp/ \
    && npm prune --omit=dev --omit=optional \
    && cp -rn /tmp/@node-rs node_modules/ \
    && find node_modules/@prisma/client/runtime -name '*_compiler_*' ! -name '*_fast_bg.postgresql.*' -delete \
    && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

# All of a system that Node and its addons need: the libraries that they are linked with, and a user who owns but a cache.
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
# Fills the cache with what the service and its migration compile. It is kept per user, and read only in the container.
RUN ["node", "--import", "@meshmart/telemetry/register", "--input-type=module", "--eval", \
  "process.stdout.write = () => true; await import('./src/openapi.ts'); await import('@meshmart/database/migrate');"]
EXPOSE 8080
CMD ["node", "--import", "@meshmart/telemetry/register", "src/server.ts"]
