# As the official grafana/k6, but on Debian: a k6 of the user's own may need the C library.
FROM debian:bookworm-slim
COPY k6 /usr/bin/k6
USER 12345:12345
ENTRYPOINT ["/usr/bin/k6"]
