import { everyRequestSent } from '@meshmart/experiment-runner/common-expectations';
import type { Expectation, Experiment, Phase } from '@meshmart/experiment-runner/experiment';
import { requestsDenied } from '@meshmart/experiment-runner/proxy-counters';

const products = ['product-v1-1', 'product-v1-2', 'product-v2-1'];

/** A claim about one caller's requests of one kind. @param observed the share that product gets */
function allowed(name: string, call: string, observed: 0 | 1, reason: string): Expectation {
  return {
    name,
    unit: '%',
    metric: `allowed{call:${call}}`,
    thresholds: { baseline: 'rate==1', observe: `rate==${observed}`, restore: 'rate==1' },
    reason,
  };
}

const denials: Expectation = {
  name: "requests denied by product's sidecars",
  value: (phase: Phase) => products.reduce((sum, name) => sum + phase.proxy(name, requestsDenied), 0),
  agreesWith: (phase) => phase.k6('denied', 'count'),
  reason: "every refusal that k6 saw was the callee's own sidecar's, and none the service's",
};

export default {
  summary: 'lets each caller of product do only what it needs',
  needs: {
    services: { product: ['v1'], storefront: ['v1'], order: ['v1'], payment: ['v1'] },
    targets: ['local', 'cluster'],
    stock: 20,
  },
  phases: { baselineS: 5, observeS: 5, restoreS: 2 },
  expectations: [
    allowed('GET by the gateway', 'gateway-GET', 1, 'a rule names this caller and this method'),
    allowed('PATCH by the gateway', 'gateway-PATCH', 0, 'the rule for this caller names GET only'),
    allowed('GET by the storefront', 'storefront-GET', 0, 'no rule names this caller'),
    allowed('reservations by order', 'order-PUT', 1, 'a rule names this caller, these methods and paths'),
    denials,
  ],
  guards: [everyRequestSent],
  variants: {
    trap: {
      summary: 'a policy without rules denies everybody',
      expectations: [
        allowed('GET by the gateway', 'gateway-GET', 0, 'the policy selects product and allows nothing'),
        allowed('PATCH by the gateway', 'gateway-PATCH', 0, 'the policy selects product and allows nothing'),
        allowed(
          'GET by the storefront',
          'storefront-GET',
          0,
          'the policy selects product and allows nothing',
        ),
        denials,
      ],
    },
  },
} satisfies Experiment;
