# As the official prom/prometheus, without a shell.
FROM scratch
COPY prometheus /bin/prometheus
USER 65534:65534
WORKDIR /prometheus
ENTRYPOINT ["/bin/prometheus"]
