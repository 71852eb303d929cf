import type { Experiment } from '@meshmart/experiment-runner/experiment';

export default {
  summary: 'refuses at once what a slow service has no room for',
  needs: { services: { storefront: ['v1'] }, targets: ['local', 'cluster'], meshes: ['istio'] },
  phases: { baselineS: 12, observeS: 12, restoreS: 4 },
  // Only while a request is on its way is there something to stand in the way of the next.
  disturbance: { faults: { storefront: { delayMs: 200 } }, inBaseline: true },
  expectations: [
    { name: 'refused of one at a time', unit: '%', threshold: 'refused{at_once:1}' },
    { name: 'refused of three at a time', unit: '%', threshold: 'refused{at_once:3}' },
    { name: 'failed otherwise', unit: '%', threshold: 'failed' },
    { name: 'requests, one at a time', threshold: 'http_reqs{at_once:1}' },
    { name: 'requests, three at a time', threshold: 'http_reqs{at_once:3}' },
    {
      name: "requests refused, by the caller's and the callee's proxy",
      value: (phase) =>
        phase.proxy(
          'gateway',
          /^cluster\.outbound\|80\|\|storefront\..*\.upstream_rq_(pending|active)_overflow$/,
        ) + phase.proxy('storefront-v1-1', /^cluster\.inbound\|.*\.upstream_rq_(pending|active)_overflow$/),
      agreesWith: (phase) => phase.k6('refused', 'passes'),
    },
  ],
} satisfies Experiment;
