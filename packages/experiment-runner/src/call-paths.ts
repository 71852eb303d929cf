import type { Span, Trace } from './experiment.ts';

/**
 * Returns the paths of calls in a trace: for each span the services from the root to its own, as `gateway.meshmart >
 * order`. Equal neighbours on a path, and equal paths, are listed once.
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

/** Counts the spans whose parent is not in the trace. A trace with more than one is in pieces. */
export function countRootSpans({ spans }: Trace): number {
  const ids = new Set(spans.map(({ id }) => id));
  return spans.filter(({ parent }) => !parent || !ids.has(parent)).length;
}
