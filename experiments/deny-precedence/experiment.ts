import { everyRequestSent } from '@meshmart/experiment-runner/common-expectations';
import type { Expectation, Experiment } from '@meshmart/experiment-runner/experiment';
import { requestsDenied } from '@meshmart/experiment-runner/proxy-counters';

function allowed(name: string, route: string, observed: 0 | 1, reason: string): Expectation {
  return {
    name,
    unit: '%',
    metric: `allowed{route:${route}}`,
    thresholds: { baseline: 'rate==1', observe: `rate==${observed}`, restore: 'rate==1' },
    reason,
  };
}

const others = [
  allowed('GET /products/ID', 'one', 0, 'the DENY policy matches it, and no ALLOW policy can change that'),
  allowed(
    'GET /.well-known/jwks.json',
    'keys',
    1,
    'no DENY policy matches it, and the standing policy allows it',
  ),
  {
    name: "requests denied by the gateway's proxy",
    value: (phase) => phase.proxy('gateway', requestsDenied),
    agreesWith: (phase) => phase.k6('denied', 'count'),
    reason: 'every 403 that k6 saw came from the policies at the gateway',
  },
] satisfies Expectation[];

export default {
  summary: 'denies what one policy denies and another one allows',
  needs: { services: { product: ['v1'], user: ['v1'] }, targets: ['local', 'cluster'] },
  phases: { baselineS: 4, observeS: 4, restoreS: 2 },
  expectations: [
    allowed('GET /products', 'list', 0, 'DENY policies are evaluated first, whatever the ALLOW policies say'),
    ...others,
  ],
  guards: [everyRequestSent],
  variants: {
    trap: {
      summary: 'an ALLOW policy makes no exception from a DENY policy',
      expectations: [
        allowed(
          'GET /products, the exception',
          'list',
          0,
          'the order in the file means nothing, DENY comes first',
        ),
        ...others,
      ],
    },
  },
} satisfies Experiment;
