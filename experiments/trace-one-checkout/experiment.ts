import { countRootSpans, listCallPaths } from '@meshmart/experiment-runner/call-paths';
import type { Experiment, Phase } from '@meshmart/experiment-runner/experiment';

const toOrder = 'gateway.meshmart > order.meshmart > order > order.meshmart';
const hops = [`${toOrder} > product.meshmart > product`, `${toOrder} > payment.meshmart > payment`];

export default {
  summary: 'makes one trace of a checkout, with a span of every proxy and service on its way',
  needs: {
    services: { product: ['v1'], order: ['v1'], payment: ['v1'], user: ['v1'] },
    targets: ['cluster'],
    meshes: ['istio'],
    stock: 1000,
  },
  phases: { baselineS: 10, observeS: 10, restoreS: 3 },
  traces: 'traces_begun',
  expectations: [
    { name: 'checkouts', threshold: 'traces_begun' },
    { name: 'failed requests', unit: '%', threshold: 'http_req_failed' },
    {
      name: 'traces that Jaeger has',
      value: (phase) => phase.traces().length,
      agreesWith: (phase) => phase.k6('traces_begun', 'count'),
    },
    {
      name: 'traces with every hop under its caller',
      unit: '%',
      expected: '0 % → 100 %',
      value: shareWithAllHops,
      holds: (observed, baseline) => baseline === 0 && observed === 1,
    },
    {
      name: 'proxies and services that each of them names',
      expected: '3 → 7',
      value: countCommonNames,
      holds: (observed, baseline) => baseline === 3 && observed === 7,
    },
    {
      name: 'traces that have fallen apart',
      expected: '0',
      value: (phase) => phase.traces().filter((trace) => countRootSpans(trace) !== 1).length,
      holds: (observed, baseline) => observed === 0 && baseline === 0,
    },
  ],
} satisfies Experiment;

function shareWithAllHops(phase: Phase): number {
  const traces = phase.traces();
  const whole = traces.map(listCallPaths).filter((paths) => hops.every((hop) => paths.has(hop)));
  return whole.length / traces.length;
}

/** The user service is in some of them only: order asks it for its keys when it has none. */
function countCommonNames(phase: Phase): number {
  const names = phase.traces().map(({ spans }) => new Set(spans.map(({ service }) => service)));
  return [...(names[0] ?? [])].filter((name) => names.every((others) => others.has(name))).length;
}
