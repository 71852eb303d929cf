# As the official grafana/k6, without a shell.
FROM scratch
COPY k6 /usr/bin/k6
USER 12345:12345
ENTRYPOINT ["/usr/bin/k6"]
