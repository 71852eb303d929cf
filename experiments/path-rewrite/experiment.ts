import { everyRequestSent } from '@meshmart/experiment-runner/common-expectations';
import type { Expectation, Experiment, Phase } from '@meshmart/experiment-runner/experiment';
import { inboundRequests } from '@meshmart/experiment-runner/proxy-counters';

function answered(name: string, path: string, observed: 0 | 1, reason: string): Expectation {
  return {
    name,
    unit: '%',
    metric: `ok{path:${path}}`,
    thresholds: { baseline: 'rate==0', observe: `rate==${observed}`, restore: 'rate==0' },
    reason,
  };
}

const list = 'GET /catalogue, answered with products';
const item = 'GET /catalogue/ID, answered with the product';
const unchanged: Expectation[] = [
  {
    name: 'GET /products, answered with products',
    unit: '%',
    metric: 'ok{path:products}',
    thresholds: 'rate==1',
    reason: "the service's own path works as before",
  },
  {
    name: 'GET /articles, redirected with 308',
    unit: '%',
    expected: '0 → 100 %',
    value: (phase) => phase.k6('redirects', 'count') / phase.k6('http_reqs{path:moved}', 'count'),
    holds: (observed, baseline) => baseline === 0 && observed === 1,
    reason: 'the gateway responds itself, and names the new path',
  },
];

/** Returns the requests that product received, per request for a list or an item by the new paths. */
function received(phase: Phase): number {
  const atProduct = ['product-v1-1', 'product-v1-2'].map((name) => phase.proxy(name, inboundRequests));
  const own = phase.k6('http_reqs{path:products}', 'count') + readsOfSetup;
  const rewritten = phase.k6('http_reqs{path:list}', 'count') + phase.k6('http_reqs{path:item}', 'count');
  return (atProduct.reduce((sum, count) => sum + count, 0) - own) / rewritten;
}

const readsOfSetup = 1;

export default {
  summary: 'gives a service new paths at the gateway, by rewriting and by redirecting',
  needs: { services: { product: ['v1'] }, targets: ['local', 'cluster'] },
  phases: { baselineS: 5, observeS: 5, restoreS: 3 },
  expectations: [
    answered(list, 'list', 1, 'product receives /products, with the query'),
    answered(item, 'item', 1, 'the prefix is replaced, and the rest of the path stays'),
    ...unchanged,
    {
      name: 'new paths that reached product',
      unit: '%',
      expected: '0 → 100 ± 1 %',
      value: received,
      holds: (observed, baseline) => Math.abs(baseline) <= 0.01 && Math.abs(observed - 1) <= 0.01,
      reason: "product's own sidecars counted the rewritten requests, and no redirected one",
    },
  ],
  guards: [
    everyRequestSent,
    ...['list', 'item', 'moved', 'products'].map((path) => ({
      metric: `http_reqs{path:${path}}`,
      thresholds: { baseline: 'count>=45', observe: 'count>=45', restore: 'count>=25' },
      reason: 'all or nothing: a few dozen requests of each kind show an exception',
    })),
  ],
  variants: {
    trap: {
      summary: 'a prefix without its slash turns /catalogue/ID into /products//ID',
      expectations: [
        answered(item, 'item', 0, 'product knows no path with two slashes in a row'),
        ...unchanged,
      ],
    },
  },
} satisfies Experiment;
