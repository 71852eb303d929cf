/** k6's end-of-test numbers as JSON, to the file that the runner reads. Export it from every `load.ts`. */
export function handleSummary(data: object): Record<string, string> {
  return { [__ENV.SUMMARY_FILE as string]: JSON.stringify(data) };
}
