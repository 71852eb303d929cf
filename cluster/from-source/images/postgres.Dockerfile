# Goes for the official postgres:18 where that cannot be had: PostgreSQL on the PATH, its user, and the signal that it ends quickly
# by. The programs are those of the npm package, as on the local platform; there is no entrypoint, and charts/postgres needs none.
FROM debian:bookworm-slim
RUN groupadd --gid 999 postgres && useradd --uid 999 --gid postgres --home-dir /var/lib/postgresql --create-home postgres
COPY native /usr/lib/postgresql/18
ENV PATH=/usr/lib/postgresql/18/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
STOPSIGNAL SIGINT
CMD ["postgres"]
