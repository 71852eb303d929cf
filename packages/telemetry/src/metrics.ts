import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';

/** Collects metrics without a listener of its own: the service serves them. */
export const prometheusExporter = new PrometheusExporter({ preventServerStart: true });

const serializer = new PrometheusSerializer(
  undefined,
  false,
  /^service\.(name|version|instance\.id)$/,
  true,
  true,
);

/** Returns all metrics of this process in Prometheus' text format, labelled with service name, version and instance. */
export async function renderMetrics(): Promise<string> {
  const { resourceMetrics } = await prometheusExporter.collect();
  return serializer.serialize(resourceMetrics);
}
