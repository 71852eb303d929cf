import { everyRequestSent } from '@meshmart/experiment-runner/common-expectations';
import type { Bounds, Expectation, Experiment } from '@meshmart/experiment-runner/experiment';
import { requestsDenied } from '@meshmart/experiment-runner/proxy-counters';

function admin(observe: Bounds, reason: string): Expectation {
  return {
    name: "an administrator's changes, made",
    unit: '%',
    metric: 'changed{who:admin}',
    thresholds: { baseline: 'rate==1', observe, restore: 'rate==1' },
    reason,
  };
}

function passed(name: string, who: string, reason: string): Expectation {
  return {
    name: `${name}, passed to product`,
    unit: '%',
    metric: `reached_product{who:${who}}`,
    thresholds: { baseline: 'rate==1', observe: 'rate==0', restore: 'rate==1' },
    reason,
  };
}

const others: Expectation[] = [
  passed("a customer's changes", 'customer', 'the claim `role` of the token is customer'),
  passed('changes without a token', 'nobody', 'a request without a token has no claims, and no role'),
  {
    name: "requests denied by the gateway's proxy",
    value: (phase) => phase.proxy('gateway', requestsDenied),
    agreesWith: (phase) => phase.k6('denied', 'count'),
    reason: 'every 403 of the gateway that k6 saw came from its policies',
  },
];

export default {
  summary: 'lets administrators alone change the catalogue, by a claim of their token',
  needs: {
    services: { product: ['v1'], user: ['v1'] },
    targets: ['local', 'cluster'],
    admin: true,
  },
  phases: { baselineS: 5, observeS: 5, restoreS: 2 },
  expectations: [admin('rate==1', 'the claim `role` of the token is admin'), ...others],
  guards: [everyRequestSent],
  variants: {
    trap: {
      summary: 'quotes around the name of the claim deny administrators, too',
      expectations: [
        admin('rate==0', "no token has a claim 'role' with quotes, so none is an administrator's"),
        ...others,
      ],
    },
  },
} satisfies Experiment;
