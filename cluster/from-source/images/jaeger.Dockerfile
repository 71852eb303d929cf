# As the official jaegertracing/jaeger.
FROM scratch
COPY jaeger /cmd/jaeger/jaeger-linux
USER 10001:10001
ENTRYPOINT ["/cmd/jaeger/jaeger-linux"]
