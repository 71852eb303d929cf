import { countRootSpans, listCallPaths } from '@meshmart/experiment-runner/call-paths';
import { everyRequestSent, never, noFailedRequests } from '@meshmart/experiment-runner/common-expectations';
import type { Experiment, Phase } from '@meshmart/experiment-runner/experiment';

const toOrder = 'gateway.meshmart > order.meshmart > order > order.meshmart';
const hops = [`${toOrder} > product.meshmart > product`, `${toOrder} > payment.meshmart > payment`];

export default {
  summary: 'shows a checkout as one trace, with a span from every proxy and service that it passes',
  needs: {
    services: { product: ['v1'], order: ['v1'], payment: ['v1'], user: ['v1'] },
    targets: ['cluster'],
    stock: 1000,
  },
  phases: { baselineS: 10, observeS: 10, restoreS: 3 },
  traces: 'traces_begun',
  expectations: [
    {
      name: 'checkouts',
      metric: 'traces_begun',
      thresholds: { baseline: 'count>=100', observe: 'count>=100', restore: 'count>=30' },
      reason: 'all or nothing: a hop that is missing once in a hundred checkouts would show',
    },
    noFailedRequests('recording must not change what it records'),
    {
      name: 'traces that Jaeger has',
      value: (phase) => phase.traces().length,
      agreesWith: (phase) => phase.k6('traces_begun', 'count'),
      reason: 'the client begins each trace, so none may be missing in either phase',
    },
    {
      name: 'traces with every hop under its caller',
      unit: '%',
      expected: '0 % → 100 %',
      value: shareWithAllHops,
      holds: (observed, baseline) => baseline === 0 && observed === 1,
      reason: 'both ways begin at the gateway; a single wrong parent breaks one of them',
    },
    {
      name: 'proxies and services in every trace',
      expected: '3 → 7',
      value: countCommonNames,
      holds: (observed, baseline) => baseline === 3 && observed === 7,
      reason: 'order, product and payment, and then their sidecars and the gateway too',
    },
    never(
      'traces that have fallen apart',
      (phase) => phase.traces().filter((trace) => countRootSpans(trace) !== 1).length,
      'each trace has one root span, whose parent is the client',
    ),
  ],
  guards: [everyRequestSent],
} satisfies Experiment;

function shareWithAllHops(phase: Phase): number {
  const traces = phase.traces();
  const whole = traces.map(listCallPaths).filter((paths) => hops.every((hop) => paths.has(hop)));
  return whole.length / traces.length;
}

/** Counts the names in every trace. Only some have the user service, which order asks for keys when it has none. */
function countCommonNames(phase: Phase): number {
  const names = phase.traces().map(({ spans }) => new Set(spans.map(({ service }) => service)));
  return [...(names[0] ?? [])].filter((name) => names.every((others) => others.has(name))).length;
}
