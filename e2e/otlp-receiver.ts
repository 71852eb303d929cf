import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Span {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
}

interface OtlpTraces {
  resourceSpans: {
    resource: { attributes: { key: string; value: { stringValue?: string } }[] };
    scopeSpans: { spans: Omit<Span, 'service'>[] }[];
  }[];
}

/**
 * Starts an OTLP receiver (HTTP with JSON) that collects the spans in `spans`.
 *
 * @param onSpan receives the spans instead, and the resource of each sender before its first span
 */
export async function startOtlpReceiver(onSpan?: (span: object) => void) {
  const spans: Span[] = [];
  const senders = new Set<string>();
  const hand = onSpan ?? ((span: object) => void spans.push(span as Span));
  const server = createServer(async (request, response) => {
    const { resourceSpans }: OtlpTraces = JSON.parse(Buffer.concat(await request.toArray()).toString());
    for (const { resource, scopeSpans } of resourceSpans) {
      const name = resource.attributes.find(({ key }) => key === 'service.name');
      const service = name?.value.stringValue ?? '';
      const sender = JSON.stringify(resource);
      if (onSpan && !senders.has(sender)) onSpan({ resource });
      senders.add(sender);
      for (const span of scopeSpans.flatMap((scope) => scope.spans)) hand({ service, ...span });
    }
    response.setHeader('content-type', 'application/json').end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '200',
  };
  return { spans, environment, close: () => server.close() };
}
