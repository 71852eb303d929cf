/** First half of every trace id. The runner reads the traces with these ids afterwards. */
const run = __ENV.TRACE_RUN || hex(Date.now());

/**
 * Returns the `traceparent` header of a client that begins a trace and asks for it to be recorded
 * (https://www.w3.org/TR/trace-context/#traceparent-header).
 *
 * @param number of the trace, from 0
 */
export function traceparentOf(number: number): string {
  const clientSpan = hex(number + 1); // 0 is not a valid id
  return `00-${run}${hex(number)}-${clientSpan}-01`;
}

function hex(number: number): string {
  return number.toString(16).padStart(16, '0');
}
