/** The run's own half of each trace id; the runner asks for these ids afterwards (`packages/experiment-runner/src/traces.ts`). */
const run = __ENV.TRACE_RUN as string;

const hex = (number: number) => number.toString(16).padStart(16, '0');

/**
 * The header `traceparent` with which a client begins the trace of this number, counted from 0, and asks for it to be recorded
 * (https://www.w3.org/TR/trace-context/#traceparent-header).
 */
export function traceparentOf(number: number): string {
  const clientSpan = hex(number + 1); // 0 is no id
  return `00-${run}${hex(number)}-${clientSpan}-01`;
}
