import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';

/** Pull only: the service serves the text on its own port, so no second listener stands open. */
export const prometheusExporter = new PrometheusExporter({ preventServerStart: true });

const serializer = new PrometheusSerializer(
  undefined,
  false,
  /^service\.(name|version|instance\.id)$/,
  true,
  true,
);

/** All metrics of this process in Prometheus' text format, each labelled with service name, version and instance. */
export async function renderMetrics(): Promise<string> {
  const { resourceMetrics } = await prometheusExporter.collect();
  return serializer.serialize(resourceMetrics);
}
