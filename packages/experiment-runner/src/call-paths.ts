import type { Span, Trace } from './experiment.ts';

/**
 * Who worked under whom in a trace: for each span the services from the beginning to its own, as `gateway.meshmart > order`. Of
 * several spans of one service in a row there is one, and of several equal paths one.
 */
export function listCallPaths({ spans }: Trace): Set<string> {
  const byId = new Map(spans.map((span) => [span.id, span]));
  const pathOf = ({ service, parent = '' }: Span): string[] => {
    const above = byId.get(parent);
    const path = above ? pathOf(above) : [];
    return path.at(-1) === service ? path : [...path, service];
  };
  return new Set(spans.map((span) => pathOf(span).join(' > ')));
}

/** How many spans are under none of the same trace. More than one, and the trace has fallen apart. */
export function countRootSpans({ spans }: Trace): number {
  const ids = new Set(spans.map(({ id }) => id));
  return spans.filter(({ parent }) => !parent || !ids.has(parent)).length;
}
