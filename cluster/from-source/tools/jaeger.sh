#!/usr/bin/env bash
# Jaeger with OTLP and memory as its only storage: clients of other storages, above all Elasticsearch, would multiply the build
# time. The module contains the HTTP API, but no web interface.
source "$(dirname "$0")/go-module.sh"
IFS=. read -r _ minor patch <<<"$version"
# The module versions of 2.x continue the numbers of 1.x: 2.13 is 1.76.
module=v1.$((minor + 63)).$patch
cp -r "$(module_dir "github.com/jaegertracing/jaeger@$module")" jaeger
chmod -R u+w jaeger
echo 'replace github.com/jaegertracing/jaeger => ./jaeger' >>go.mod
# The checksum database lacks some of its requirements; its go.sum has them.
cp jaeger/go.sum .

# Removes lines, blocks and functions that use the other storages, and thereby their imports.
(
  cd jaeger/cmd
  sed -i '/mappings/d' jaeger/main.go
  sed -i '/^type InitArchiveStorageFn/,/^}$/d; /\(querysvc\|v1adapter\|v1\/factory\)"$/d' query/app/flags.go
  cd jaeger/internal
  sed -i -E '/adaptivesampling|attributesprocessor|basicauth|expvar|filterprocessor|jaegerreceiver|kafka|otlp(http)?exporter|pprof|prometheusexporter|remotesampling|remotestorage|sigv4auth|spanmetrics|storagecleaner|tailsampling|zipkin|zpages/d' components.go
  cd extension/jaegerstorage
  sed -i -E '/case cfg\.(Badger|Prometheus) /,/default:/{/default:/!d}; s/metricStorageName, cfg :=/metricStorageName :=/
    /^\/\/ getAuthenticator/,$d; /"[^"]*(badger|cassandra|clickhouse|elasticsearch|elasticsearch\/config|extensionauth|metricstore\/prometheus|v2\/grpc)"$/d' extension.go
  sed -i -E '/^\tif conf\.IsSet\("(badger|cassandra|elasticsearch|grpc|opensearch|prometheus)/,/^\t}$/d; /^type PrometheusConfiguration/,/^}/d
    /badger|cassandra|clickhouse|elasticsearch|escfg|grpc|metricstore|promcfg|PrometheusConf|"time"/d' config.go
)

link="-X github.com/jaegertracing/jaeger/internal/version.latestVersion=v$version"
build_programs "$module" github.com/jaegertracing/jaeger/cmd/jaeger
