import type { MeasuredPhase } from './expectations.ts';
import type { Audit, K6Summary, Trace } from './experiment.ts';
import type { Snapshot } from './target.ts';

interface Beside {
  traces?: Trace[];
  audit?: Audit;
  reported?: Record<string, number> | undefined;
}

/** Combines k6's summary, the growth of counters between two snapshots, and the traces and audit after the load. */
export function measurePhase(
  summary: K6Summary,
  [before, after]: readonly [Snapshot, Snapshot],
  { traces, audit, reported = {} }: Beside = {},
): MeasuredPhase {
  const countersOf = (snapshot: Snapshot, name: string) => {
    const counters = snapshot.proxies.get(name);
    if (!counters) throw new Error(`the proxy of ${name} did not return its counters`);
    return counters;
  };
  return {
    summary,
    k6: (metric, aggregate) => summary[metric]?.values[aggregate] ?? 0,
    proxy: (name, counter) =>
      sumMatching(countersOf(after, name), counter) - sumMatching(countersOf(before, name), counter),
    gauge: (name, gauge) => sumMatching(countersOf(after, name), gauge),
    service: (name, counter, labels) =>
      sumSeries(after, name, counter, labels) - sumSeries(before, name, counter, labels),
    traces: () => {
      if (!traces) throw new Error('experiment.ts: an expectation of traces needs `traces`');
      return traces;
    },
    audit: () => {
      if (!audit) throw new Error('experiment.ts: an expectation of the audit needs `check: true`');
      return audit;
    },
    reported: (name) => {
      const number = reported[name];
      if (number === undefined) throw new Error(`experiment.ts: \`action\` reported no number "${name}"`);
      return number;
    },
  };
}

function sumMatching(counters: Record<string, number>, name: RegExp): number {
  return Object.entries(counters).reduce((sum, [key, value]) => (name.test(key) ? sum + value : sum), 0);
}

function sumSeries(
  snapshot: Snapshot,
  service: string,
  counter: string,
  labels: Record<string, string>,
): number {
  let sum = 0;
  for (const [instance, page] of snapshot.services) {
    if (page.service !== service) continue;
    if (page.text === undefined) throw new Error(`${instance} did not return its metrics`);
    sum += sumLines(page.text, counter, labels);
  }
  return sum;
}

/** Adds up the series of one counter on a page in Prometheus' text format: `name{label="value",…} 12`. */
function sumLines(page: string, counter: string, labels: Record<string, string>): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  let sum = 0;
  for (const line of page.split('\n')) {
    const [, name, found = '', value] = /^([^{ ]+)(\{.*\})? (\S+)/.exec(line) ?? [];
    const has = (pair: string) => found.includes(`{${pair}`) || found.includes(`,${pair}`);
    if (name === counter && wanted.every(has)) sum += Number(value);
  }
  return sum;
}
