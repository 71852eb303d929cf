import { OBSERVABILITY_NAMESPACE } from '@meshmart/cluster/observability';
import type { Span, Trace } from '../experiment.ts';
import type { Kube } from './kube.ts';

/** Path of Jaeger's Service through the API server's proxy. */
const jaeger = `/api/v1/namespaces/${OBSERVABILITY_NAMESPACE}/services/jaeger:http/proxy`;
/** Few enough ids for the length of a URL. */
const idsAtOnce = 50;

/** The fields that are read here (https://www.jaegertracing.io/docs/2.13/architecture/apis/). */
interface JaegerTrace {
  traceID: string;
  spans: { spanID: string; processID: string; references: { refType: string; spanID: string }[] }[];
  processes: Record<string, { serviceName: string }>;
}

/** Reads traces from Jaeger. Leaves out those that Jaeger does not know. */
export async function readTraces(kube: Kube, ids: string[]): Promise<Trace[]> {
  const traces: Trace[] = [];
  for (let from = 0; from < ids.length; from += idsAtOnce) {
    const query = ids.slice(from, from + idsAtOnce).map((id) => `traceID=${id}`);
    const response = await kube.run('get', '--raw', `${jaeger}/api/traces?${query.join('&')}`);
    const { data }: { data: JaegerTrace[] } = JSON.parse(response);
    traces.push(...data.map(({ traceID, ...trace }) => ({ id: traceID, spans: readSpans(trace) })));
  }
  return traces;
}

function readSpans({ spans, processes }: Omit<JaegerTrace, 'traceID'>): Span[] {
  return spans.map(({ spanID, processID, references }) => ({
    id: spanID,
    parent: references.find(({ refType }) => refType === 'CHILD_OF')?.spanID,
    service: processes[processID]?.serviceName ?? '',
  }));
}
